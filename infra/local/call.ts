/** Answers one AWS call: from a request to its service, and its reply or AWS error back. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate, requireVerified } from './authenticate.ts';
import type { CredentialStore } from './credentials.ts';
import type { Fault, FaultHook } from './faults.ts';
import { injectFault } from './faults.ts';
import type { BodyReader } from './http-body.ts';
import { internalFailure, replyText } from './http-reply.ts';
import { awsJson } from './json-protocol.ts';
import type { Call, Protocol } from './protocol.ts';
import { awsQuery, isQuery } from './query-protocol.ts';
import { AwsError, type CallRecord, type Principal, type Service } from './service.ts';
import { CannotWrite, type StateFolder } from './state/index.ts';

export interface CallOptions {
  services: readonly Service[];
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

/** The reply to CBOR clients. They cannot parse it, but its text shows in logs and in a debugger. */
const CBOR_REFUSAL =
  'This endpoint does not speak Smithy RPC v2 CBOR. Configure the client for the AWS JSON protocol (its default in the ' +
  'AWS SDK for JavaScript, boto3 and the AWS CLI).';

const isCbor = (req: IncomingMessage): boolean =>
  req.headers['smithy-protocol'] === 'rpc-v2-cbor' ||
  (req.headers['content-type'] ?? '').startsWith('application/cbor') ||
  (req.url ?? '').startsWith('/service/');

/** One call under way. */
interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  signal: AbortSignal;
  requestId: string;
  protocol: Protocol;
}

/** Answers one request as an AWS call. Never throws. */
export async function answerCall(
  req: IncomingMessage,
  res: ServerResponse,
  signal: AbortSignal,
  options: CallOptions,
): Promise<void> {
  const requestId = randomUUID();
  const protocol = isQuery(req) ? awsQuery : awsJson;
  let service: Service | undefined;
  try {
    const body = await options.bodies.read(req);
    if (isCbor(req)) return replyText(res, 415, requestId, CBOR_REFUSAL);
    const call = protocol.read(req, body.text, options.services);
    service = call.service;
    const signed = { method: req.method ?? 'POST', target: req.url ?? '/', headers: req.headers, body: body.raw };
    const principal = authenticate(signed, options.credentials, Date.now());
    await perform({ ...call, principal }, { req, res, signal, requestId, protocol }, options);
  } catch (error) {
    const told = error instanceof AwsError ? error : internalFailure();
    // A client that hangs up while it sends is no problem of ours.
    if (told !== error && !signal.aborted && req.complete)
      options.onProblem(`A request to the embedded AWS failed: ${error}`, error);
    protocol.replyError(res, service, requestId, told);
  }
}

async function perform(
  call: Call & { principal: Principal },
  { req, res, signal, requestId, protocol }: Exchange,
  options: CallOptions,
): Promise<void> {
  const { service, action, input, principal } = call;
  let failure: AwsError | undefined;
  let output: object = {};
  try {
    if (!service.actions.includes(action)) {
      const known = service.actions.join(', ');
      const message = `${service.name} here does not support the operation "${action}". Supported: ${known}.`;
      throw new AwsError('UnknownOperationException', message);
    }
    if (service.signedActions?.includes(action)) requireVerified(principal);
    const fault: Fault | undefined = options.faults?.({ service: service.name, action, input, principal });
    if (fault !== undefined && (await injectFault(fault, req, res, signal, options))) return;
    options.state?.assertWritable();
    output = await service.handle(action, input, { requestId, principal, signal });
  } catch (error) {
    failure = shown(error, call, options);
  }
  try {
    // A refusal may rest on a change of another call, so it waits too.
    await options.state?.durable();
  } catch (error) {
    failure = shown(error, call, options);
  }
  if (failure) protocol.replyError(res, service, requestId, failure);
  else protocol.reply(res, call, requestId, output);
  record(call, failure, options);
}

/** Returns the error that the caller sees, and reports one that is our own fault. */
function shown(error: unknown, { service, action }: Call, options: CallOptions): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof CannotWrite) return new AwsError('ServiceUnavailable', error.message, { status: 503 });
  options.onProblem(`${service.name} ${action} failed unexpectedly: ${error}`, error);
  return internalFailure();
}

function record(call: Call & { principal: Principal }, failure: AwsError | undefined, options: CallOptions): void {
  if (!options.onCall) return;
  const base = { at: options.now(), service: call.service.name, action: call.action, input: call.input };
  const outcome = failure ? { status: failure.status, error: failure.code } : { status: 200 };
  try {
    options.onCall({ ...base, principalArn: call.principal.principalArn, ...outcome });
  } catch (error) {
    options.onProblem(`The onCall hook failed: ${error}`, error);
  }
}
