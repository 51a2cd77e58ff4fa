/** Answers one AWS call: from a request to its service, and its reply or AWS error back. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, requireVerified } from './authenticate.ts';
import type { CredentialStore } from './credentials.ts';
import type { Fault, FaultHook } from './faults.ts';
import { injectFault } from './faults.ts';
import type { BodyReader } from './http-body.ts';
import { internalFailure, replyJson, replyJsonError, replyText, replyXml, replyXmlError } from './http-reply.ts';
import { isObject } from './input.ts';
import { answerQuery, isQueryProtocol, type QueryService } from './query-protocol.ts';
import { AwsError, type CallRecord, type Input, type Principal, type Service } from './service.ts';
import { CannotWrite, type StateFolder } from './state/index.ts';

export interface CallOptions {
  services: readonly Service[];
  /** Services of the query protocol, i.e. STS. */
  queryServices: readonly QueryService[];
  credentials: CredentialStore;
  bodies: BodyReader;
  /** The state folder, if there is one. A call is answered once its changes are on the disk. */
  state?: Pick<StateFolder, 'assertWritable' | 'durable'> | undefined;
  /** Returns the time of the embedded AWS's clock in milliseconds, for records. */
  now(): number;
  after(ms: number, fn: () => void): () => void;
  onCall?: ((record: CallRecord) => void) | undefined;
  onProblem(message: string, error?: unknown): void;
  faults?: FaultHook | undefined;
}

interface Call {
  service: Service;
  action: string;
  input: Input;
  principal: Principal;
}

const unknown = (message: string): AwsError => new AwsError('UnknownOperationException', message);

function route(target: string | undefined, services: readonly Service[]): { service: Service; action: string } {
  if (!target) {
    const message = 'The x-amz-target header is missing. This endpoint speaks AWS JSON: POST / with x-amz-target.';
    throw unknown(message);
  }
  const service = services.find((candidate) => target.startsWith(candidate.targetPrefix));
  if (!service) {
    const names = services.map((each) => each.targetPrefix.slice(0, -1)).join(', ');
    throw unknown(`No service here answers x-amz-target "${target}". Supported: ${names}.`);
  }
  return { service, action: target.slice(service.targetPrefix.length) };
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

/** The reply to CBOR clients. They cannot parse it, but its text shows in logs and in a debugger. */
const CBOR_REFUSAL =
  'This endpoint does not speak Smithy RPC v2 CBOR. Configure the client for the AWS JSON protocol (its default in the ' +
  'AWS SDK for JavaScript, boto3 and the AWS CLI).';

const isCbor = (req: IncomingMessage): boolean =>
  req.headers['smithy-protocol'] === 'rpc-v2-cbor' ||
  (req.headers['content-type'] ?? '').startsWith('application/cbor') ||
  (req.url ?? '').startsWith('/service/');

/** Answers one request as an AWS call. Never throws. */
export async function answerCall(
  req: IncomingMessage,
  res: ServerResponse,
  signal: AbortSignal,
  options: CallOptions,
): Promise<void> {
  const requestId = randomUUID();
  let service: Service | undefined;
  const asXml = isQueryProtocol(req);
  try {
    const body = await options.bodies.read(req);
    if (isCbor(req)) return replyText(res, 415, requestId, CBOR_REFUSAL);
    const signed = { method: req.method ?? 'POST', target: req.url ?? '/', headers: req.headers, body: body.raw };
    if (asXml) {
      const principal = authenticate(signed, options.credentials, Date.now());
      return replyXml(res, 200, requestId, answerQuery(body.text, principal, requestId, options));
    }
    const target = req.headers['x-amz-target'];
    const found = route(typeof target === 'string' ? target : undefined, options.services);
    service = found.service;
    const principal = authenticate(signed, options.credentials, Date.now());
    await perform({ ...found, input: parseInput(body.text), principal }, req, res, signal, requestId, options);
  } catch (error) {
    const shown = error instanceof AwsError ? error : internalFailure();
    // A client that hangs up while it sends is no problem of ours.
    if (shown !== error && !signal.aborted && req.complete)
      options.onProblem(`A request to the embedded AWS failed: ${error}`, error);
    if (asXml) replyXmlError(res, requestId, shown);
    else replyJsonError(res, service, requestId, shown);
  }
}

async function perform(
  call: Call,
  req: IncomingMessage,
  res: ServerResponse,
  signal: AbortSignal,
  requestId: string,
  options: CallOptions,
): Promise<void> {
  const { service, action, input, principal } = call;
  let failure: AwsError | undefined;
  let output: object = {};
  try {
    if (!service.actions.includes(action)) {
      const known = service.actions.join(', ');
      throw unknown(`${service.name} here does not support the operation "${action}". Supported: ${known}.`);
    }
    if (service.signedActions?.includes(action)) requireVerified(principal);
    const fault: Fault | undefined = options.faults?.({ service: service.name, action, input, principal });
    if (fault !== undefined && (await injectFault(fault, req, res, signal, options))) return;
    options.state?.assertWritable();
    output = await service.handle(action, input, { requestId, principal, signal });
  } catch (error) {
    failure = shown(error, `${service.name} ${action}`, options);
  }
  try {
    // A refusal may rest on a change of another call, so it waits too.
    await options.state?.durable();
  } catch (error) {
    failure = shown(error, `${service.name} ${action}`, options);
  }
  if (failure) replyJsonError(res, service, requestId, failure);
  else replyJson(res, service, requestId, output);
  record(call, failure, options);
}

/** Returns the error that the caller sees, and reports one that is our own fault. */
function shown(error: unknown, what: string, options: CallOptions): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof CannotWrite) return new AwsError('ServiceUnavailable', error.message, { status: 503 });
  options.onProblem(`${what} failed unexpectedly: ${error}`, error);
  return internalFailure();
}

function record(call: Call, failure: AwsError | undefined, options: CallOptions): void {
  if (!options.onCall) return;
  const base = { at: options.now(), service: call.service.name, action: call.action, input: call.input };
  const outcome = failure ? { status: failure.status, error: failure.code } : { status: 200 };
  try {
    options.onCall({ ...base, principalArn: call.principal.principalArn, ...outcome });
  } catch (error) {
    options.onProblem(`The onCall hook failed: ${error}`, error);
  }
}
