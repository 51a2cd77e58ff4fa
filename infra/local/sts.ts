/** Answers GetCallerIdentity of STS, which speaks the query protocol only, as on AWS. */
import { userIdOf } from './credentials.ts';
import type { Service } from './service.ts';
import { element, xmlText } from './xml.ts';

export const sts: Service = {
  name: 'sts',
  targetPrefix: undefined,
  jsonVersion: '1.1',
  queryCompatible: false,
  actions: ['GetCallerIdentity'],
  query: {
    version: '2011-06-15',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    decode: () => ({}),
    encode: (_action, output) =>
      Object.entries(output)
        .map(([name, value]) => element(name, xmlText(String(value))))
        .join(''),
  },
  handle: (_action, _input, { principal }) => ({
    Arn: principal.arn,
    UserId: userIdOf(principal),
    Account: principal.accountId,
  }),
};
