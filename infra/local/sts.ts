/** Answers GetCallerIdentity of STS, which speaks the query protocol only, as on AWS. */
import { userIdOf } from './credentials.ts';
import { xmlText } from './http-reply.ts';
import type { QueryService } from './query-protocol.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

export const sts: QueryService = {
  name: 'sts',
  version: '2011-06-15',
  actions: ['GetCallerIdentity'],
  answer: (_action, _fields, principal, requestId) =>
    [
      `<GetCallerIdentityResponse xmlns="${NAMESPACE}">`,
      '  <GetCallerIdentityResult>',
      `    <Arn>${xmlText(principal.arn)}</Arn>`,
      `    <UserId>${xmlText(userIdOf(principal))}</UserId>`,
      `    <Account>${principal.accountId}</Account>`,
      '  </GetCallerIdentityResult>',
      `  <ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`,
      '</GetCallerIdentityResponse>\n',
    ].join('\n'),
};
