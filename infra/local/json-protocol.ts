/** Speaks AWS JSON 1.0 and 1.1: `x-amz-target` names the action; input and output are JSON objects. */

import { send } from './http-reply.ts';
import { isObject } from './input.ts';
import type { Protocol } from './protocol.ts';
import { AwsError, type Input, type Service } from './service.ts';

const unknown = (message: string): AwsError => new AwsError('UnknownOperationException', message);

function route(target: string | undefined, services: readonly Service[]): { service: Service; action: string } {
  if (!target)
    throw unknown('The x-amz-target header is missing. This endpoint speaks AWS JSON: POST / with x-amz-target.');
  for (const service of services) {
    const prefix = service.targetPrefix;
    if (prefix !== undefined && target.startsWith(prefix)) return { service, action: target.slice(prefix.length) };
  }
  const names = services.flatMap(({ targetPrefix }) => targetPrefix?.slice(0, -1) ?? []).join(', ');
  throw unknown(`No service here answers x-amz-target "${target}". Supported: ${names}.`);
}

function parseInput(text: string): Input {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AwsError('SerializationException', 'The request body is not valid JSON.');
  }
  if (isObject(value)) return value;
  throw new AwsError('SerializationException', 'Start of structure or map expected: the body must be a JSON object.');
}

/** Errors that all AWS services share. Their `__type` names the common namespace. */
const COMMON_ERRORS = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'InternalFailure',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SerializationException',
  'UnknownOperationException',
  'UnrecognizedClientException',
]);

/**
 * Returns the `__type` of an error. SQS and CloudWatch (AWS JSON 1.0) qualify it; ECS and SSM (1.1) send the bare name.
 */
function errorType(error: AwsError, service: Service | undefined): string {
  if (service?.jsonVersion !== '1.0') return error.code;
  const space = COMMON_ERRORS.has(error.code) ? 'com.amazon.coral.service' : `com.amazonaws.${service.name}`;
  return `${space}#${error.code}`;
}

const typeOf = (service: Service | undefined): string => `application/x-amz-json-${service?.jsonVersion ?? '1.1'}`;

export const awsJson: Protocol = {
  read(req, body, services) {
    const target = req.headers['x-amz-target'];
    const { service, action } = route(typeof target === 'string' ? target : undefined, services);
    return { service, action, input: parseInput(body) };
  },

  reply(res, { service }, requestId, output) {
    send(res, 200, requestId, typeOf(service), JSON.stringify(output));
  },

  replyError(res, service, requestId, error) {
    if (res.headersSent || res.destroyed) return;
    // The query code wins in boto3 and in the CLI, so that programs written before the JSON protocol still match on it.
    if (service?.queryCompatible)
      res.setHeader('x-amzn-query-error', `${error.queryCode ?? error.code};${error.fault}`);
    const body = { __type: errorType(error, service), message: error.message, ...error.members };
    send(res, error.status, requestId, typeOf(service), JSON.stringify(body));
  },
};
