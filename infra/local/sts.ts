/** Answers GetCallerIdentity of STS, which speaks the query protocol only, as on AWS. */
import { xmlText } from './http-reply.ts';
import type { QueryService } from './query-protocol.ts';
import type { Principal } from './service.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/**
 * Returns `UserId`: the account for root, and `ROLEID:SESSION` for a role session. The role's name stands for its id
 * here.
 */
function userId(principal: Principal): string {
  const session = /:assumed-role\/([^/]+)\/(.+)$/.exec(principal.arn);
  return session ? `${session[1]}:${session[2]}` : principal.accountId;
}

export const sts: QueryService = {
  name: 'sts',
  version: '2011-06-15',
  actions: ['GetCallerIdentity'],
  answer: (_action, _fields, principal, requestId) =>
    [
      `<GetCallerIdentityResponse xmlns="${NAMESPACE}">`,
      '  <GetCallerIdentityResult>',
      `    <Arn>${xmlText(principal.arn)}</Arn>`,
      `    <UserId>${xmlText(userId(principal))}</UserId>`,
      `    <Account>${principal.accountId}</Account>`,
      '  </GetCallerIdentityResult>',
      `  <ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`,
      '</GetCallerIdentityResponse>\n',
    ].join('\n'),
};
