/** Sends replies as AWS does: AWS JSON, XML for the query protocol, and plain text for everything else. */
import type { ServerResponse } from 'node:http';
import { AwsError, type Service } from './service.ts';

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

function send(res: ServerResponse, status: number, requestId: string, type: string, body: string): void {
  if (res.headersSent || res.destroyed) return;
  const bytes = Buffer.from(body, 'utf8');
  res.writeHead(status, { 'x-amzn-RequestId': requestId, 'content-type': type, 'content-length': bytes.length });
  res.end(bytes);
}

const jsonType = (service: Service | undefined): string => `application/x-amz-json-${service?.jsonVersion ?? '1.1'}`;

export function replyJson(res: ServerResponse, service: Service, requestId: string, output: object): void {
  send(res, 200, requestId, jsonType(service), JSON.stringify(output));
}

export function replyJsonError(
  res: ServerResponse,
  service: Service | undefined,
  requestId: string,
  error: AwsError,
): void {
  if (res.headersSent || res.destroyed) return;
  // The query code wins in boto3 and in the CLI, so that programs written before the JSON protocol still match on it.
  if (service?.queryCompatible) res.setHeader('x-amzn-query-error', `${error.queryCode ?? error.code};${error.fault}`);
  const body = { __type: errorType(error, service), message: error.message, ...error.members };
  send(res, error.status, requestId, jsonType(service), JSON.stringify(body));
}

const XML_ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 cannot hold these at all, so they are dropped.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

export const xmlText = (value: string): string =>
  value.replaceAll(NOT_XML, '').replaceAll(/[&<>"']/g, (c) => XML_ESCAPES[c] ?? c);

export function replyXml(res: ServerResponse, status: number, requestId: string, body: string): void {
  send(res, status, requestId, 'text/xml', body);
}

export function replyXmlError(res: ServerResponse, requestId: string, error: AwsError): void {
  const detail =
    `<Error><Type>${error.fault}</Type><Code>${xmlText(error.queryCode ?? error.code)}</Code>` +
    `<Message>${xmlText(error.message)}</Message></Error>`;
  const id = `<RequestId>${requestId}</RequestId>`;
  replyXml(res, error.status, requestId, `<ErrorResponse>${detail}${id}</ErrorResponse>\n`);
}

export function replyText(res: ServerResponse, status: number, requestId: string, body: string): void {
  send(res, status, requestId, 'text/plain; charset=utf-8', `${body}\n`);
}

/**
 * Makes the error for an exception that is our own fault. The caller learns no more, as on AWS; a hook gets the detail.
 */
export const internalFailure = (): AwsError =>
  new AwsError('InternalFailure', 'The request processing has failed because of an unknown error.', { status: 500 });
