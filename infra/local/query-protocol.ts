/** The query protocol (a form in, XML out), of which only STS has need; others are told to use AWS JSON. */
import type { IncomingMessage } from 'node:http';
import { AwsError, type CallRecord, type Principal } from './service.ts';

export interface QueryService {
  readonly name: string;
  /** The API version that clients send as `Version`. */
  readonly version: string;
  readonly actions: readonly string[];
  /** The reply's whole XML. */
  answer(action: string, fields: URLSearchParams, principal: Principal, requestId: string): string;
}

export const isQueryProtocol = (req: IncomingMessage): boolean =>
  (req.headers['content-type'] ?? '').toLowerCase().startsWith('application/x-www-form-urlencoded') &&
  req.headers['x-amz-target'] === undefined;

/** @throws AwsError InvalidAction for every other call of this protocol */
export function answerQuery(
  body: string,
  principal: Principal,
  requestId: string,
  options: {
    queryServices: readonly QueryService[];
    now(): number;
    onCall?: ((record: CallRecord) => void) | undefined;
  },
): string {
  const fields = new URLSearchParams(body);
  const action = fields.get('Action') ?? '';
  const version = fields.get('Version') ?? '';
  const service = options.queryServices.find((each) => each.version === version && each.actions.includes(action));
  if (!service) {
    const known = options.queryServices
      .flatMap((each) => each.actions.map((name) => `${each.name} ${name}`))
      .join(', ');
    throw new AwsError(
      'InvalidAction',
      `The action "${action}" (version "${version}") is not available over the query protocol here, which knows only ` +
        `${known}. For SQS, SSM, ECS and CloudWatch use a client that speaks AWS JSON (any SDK released since 2024).`,
    );
  }
  const xml = service.answer(action, fields, principal, requestId);
  const input = Object.fromEntries(fields);
  const { principalArn } = principal;
  options.onCall?.({ at: options.now(), service: service.name, action, principalArn, input, status: 200 });
  return xml;
}
