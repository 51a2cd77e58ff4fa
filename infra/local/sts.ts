/** STS, as far as clients ask it who they are. It exists in the query protocol only, as in the real service. */
import { xmlText } from './http-reply.ts';
import type { QueryService } from './query-protocol.ts';
import type { Principal } from './service.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** `UserId` is the account for root, and `ROLEID:SESSION` for a role session; here the role's name stands for its id. */
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
