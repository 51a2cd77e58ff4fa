import { GetParameterHistoryCommand, type GetParameterHistoryCommandOutput } from '@aws-sdk/client-ssm';
import type { Aws } from '../aws/client.ts';
import type { StoredVersion } from '../http/live.ts';

/** Every version of a parameter that SSM still has (it keeps 100), newest first. */
export async function storedVersions(aws: Aws, Name: string): Promise<StoredVersion[]> {
  const found: StoredVersion[] = [];
  let NextToken: string | undefined;
  do {
    const page: GetParameterHistoryCommandOutput = await aws.call(
      'ssm',
      'ssm:GetParameterHistory',
      new GetParameterHistoryCommand({
        Name,
        WithDecryption: true,
        MaxResults: 50,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const { Version = 0, Value = '', LastModifiedDate, LastModifiedUser } of page.Parameters ?? [])
      found.push({
        version: Version,
        text: Value,
        modified: LastModifiedDate?.getTime() ?? 0,
        ...(LastModifiedUser ? { user: LastModifiedUser } : {}),
      });
    NextToken = page.NextToken;
  } while (NextToken);
  return found.sort((a, b) => b.version - a.version);
}
