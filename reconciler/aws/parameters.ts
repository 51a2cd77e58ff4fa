import { GetParametersByPathCommand, type GetParametersByPathCommandOutput, type Parameter } from '@aws-sdk/client-ssm';
import type { Aws } from './client.ts';

/** Every parameter directly below a prefix such as `/sluice/policies/`, whole: a listing that breaks off is an error. */
export async function listParameters(aws: Aws, prefix: string): Promise<Parameter[]> {
  const found: Parameter[] = [];
  // SSM refuses a path that ends in a slash, but for the root.
  const Path = prefix.length > 1 ? prefix.replace(/\/$/, '') : prefix;
  let NextToken: string | undefined;
  do {
    const page: GetParametersByPathCommandOutput = await aws.call(
      'ssm',
      'ssm:GetParametersByPath',
      new GetParametersByPathCommand({
        Path,
        Recursive: false,
        WithDecryption: true,
        MaxResults: 10,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    found.push(...(page.Parameters ?? []).filter((p) => p.Name?.startsWith(prefix)));
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}
