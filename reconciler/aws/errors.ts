/**
 * Classifies AWS errors in one table, by the error's name and HTTP status and never by `instanceof`: throttling,
 * expired credentials and signature errors are not modelled by ECS and SQS, and a 5xx page of HTML arrives as a
 * SyntaxError (measured with the SDK; see docs/decisions/0002-aws-errors.md).
 */
import type { Failure, FailureClass } from '../../policies/model/observation.ts';

interface Row {
  names: readonly string[];
  class: FailureClass;
  hint?: string;
}

const TABLE: readonly Row[] = [
  {
    names: [
      'ThrottlingException',
      'Throttling',
      'ThrottledException',
      'RequestThrottled',
      'RequestThrottledException',
      'TooManyRequestsException',
      'LimitExceededException',
      'OverLimit',
      'TooManyUpdates',
      'RequestLimitExceeded',
      'SlowDown',
    ],
    class: 'transient',
    hint: 'AWS throttles this account; raise the interval or the service quota if it lasts',
  },
  {
    names: [
      'ServerException',
      'InternalServerError',
      'InternalFailure',
      'InternalError',
      'ServiceUnavailable',
      'ServiceUnavailableException',
    ],
    class: 'transient',
  },
  {
    names: [
      'TimeoutError',
      'RequestTimeout',
      'RequestTimeoutException',
      'ECONNRESET',
      'ECONNREFUSED',
      'EPIPE',
      'ETIMEDOUT',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'NetworkingError',
    ],
    class: 'transient',
    hint: 'AWS could not be reached; if it lasts, check DNS, routes and security groups of the reconciler',
  },
  {
    names: ['IncompleteAnswer'],
    class: 'transient',
    hint: 'AWS, or something between, answered with less than it should; Sluice asks again by itself. If it lasts, look at proxies and endpoints',
  },
  {
    names: ['StaleEvidence', 'ChangedMeanwhile'],
    class: 'transient',
    hint: 'Sluice looks again and decides anew; nothing to do unless this lasts longer than 5 minutes',
  },
  {
    names: ['NotLeading'],
    class: 'transient',
    hint: 'another reconciler may lead by now; this one writes again only when it leads',
  },
  {
    names: ['ServiceNotActiveException'],
    class: 'terminal',
    hint: 'the ECS service is being deleted or is inactive; nothing is done until it is active again',
  },
  {
    names: ['ServiceNotFoundException', 'MISSING'],
    class: 'needsUser',
    hint: 'check spec.service.cluster and spec.service.name, and the region',
  },
  { names: ['OtherRegion'], class: 'needsUser', hint: 'run a reconciler in that Region, and store the policy there' },
  { names: ['ClusterNotFoundException'], class: 'needsUser', hint: 'check spec.service.cluster and the region' },
  {
    names: ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue', 'QueueDeletedRecently'],
    class: 'needsUser',
    hint: 'check spec.queue and the region',
  },
  {
    names: ['ParameterNotFound', 'ParameterVersionNotFound', 'ParameterMaxVersionLimitExceeded'],
    class: 'needsUser',
    hint: 'check the parameter, its versions and its labels',
  },
  {
    names: [
      'InvalidParameterException',
      'ClientException',
      'ValidationException',
      'ValidationError',
      'UnsupportedFeatureException',
      'InvalidAttributeName',
      'InvalidAttributeValue',
      'InvalidParameterValue',
      'InvalidParameterValueException',
      'InvalidAddress',
      'UnknownOperationException',
      'SerializationException',
    ],
    class: 'terminal',
    hint: 'AWS refuses this request as it stands; it is not repeated unchanged',
  },
  // The message says which permission to grant; see `denied`.
  {
    names: ['InvalidKeyId', 'DisabledException', 'KMSInvalidStateException', 'KeyUnavailableException'],
    class: 'needsUser',
    hint: 'the KMS key of the parameter is disabled, deleted or unknown; enable it, or store the parameter anew',
  },
  {
    names: ['KeyNotKnown'],
    class: 'needsUser',
    hint: 'grant ssm:DescribeParameters to whoever stores this parameter: it names the key, and reads no value (docs/permissions.md)',
  },
  { names: ['AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation'], class: 'needsUser' },
  {
    names: ['ExpiredToken', 'ExpiredTokenException'],
    class: 'needsUser',
    hint: 'the credentials have expired; refresh them',
  },
  {
    names: [
      'UnrecognizedClientException',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'InvalidClientTokenId',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      'CredentialsProviderError',
    ],
    class: 'needsUser',
    hint: 'check the credentials (environment, profile, or the task role)',
  },
  { names: ['RequestTimeTooSkewed'], class: 'needsUser', hint: "set this machine's clock" },
  { names: ['PlatformUnknownException'], class: 'needsUser', hint: 'check the platform version of the service' },
];

const byName = new Map(TABLE.flatMap((row) => row.names.map((name) => [name, row] as const)));

interface ErrorLike {
  name?: unknown;
  message?: unknown;
  code?: unknown;
  Code?: unknown;
  $metadata?: { httpStatusCode?: number };
}

/** Returns an error with a name of AWS's own, for an answer that reports a failure without being one. */
export function namedError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** Returns whether the credentials have expired: one more try with new ones may succeed. */
export function isExpired(error: unknown): boolean {
  const name = (error as ErrorLike | undefined)?.name;
  return name === 'ExpiredToken' || name === 'ExpiredTokenException';
}

/** Returns the error as a failure: its class, its AWS name, a sentence, and what to do. `action` is named where access is denied. */
export function classify(error: unknown, action: string): Failure {
  const e = (error ?? {}) as ErrorLike;
  const status = e.$metadata?.httpStatusCode;
  const names = [e.name, e.code, e.Code].filter((n): n is string => typeof n === 'string');
  const name = names.find((n) => byName.has(n)) ?? names[0] ?? 'Error';
  const text = plainly(typeof e.message === 'string' && e.message !== '' ? e.message : String(error));
  if (name === 'AbortError')
    return { class: 'transient', code: name, message: `${action} was given up (shutdown or time limit)` };
  // Read by status first: a 5xx page of HTML names itself SyntaxError, and what it says helps nobody.
  if (status !== undefined && status >= 500)
    return {
      class: 'transient',
      code: byName.has(name) ? name : `HTTP${status}`,
      message: `${action} failed on the side of AWS (HTTP ${status})`,
    };
  // The border's messages name their call themselves. The SDK throws the other two at an answer that is no JSON.
  if (name === 'IncompleteAnswer') return { ...rowOf(name), code: name, message: text };
  if (name === 'SyntaxError' || name === 'TypeError')
    return {
      ...rowOf('IncompleteAnswer'),
      code: 'IncompleteAnswer',
      message: `${action}: the answer makes no sense: ${text}`,
    };
  const row = byName.get(name);
  if (name.startsWith('AccessDenied') || name === 'UnauthorizedOperation') return denied(action, name, text);
  if (row) return { ...rowOf(name), code: name, message: `${action}: ${text}` };
  if (status === 429) return { class: 'transient', code: name, message: `${action} is throttled` };
  if (status === 403)
    return {
      class: 'needsUser',
      code: name,
      message: `${action} is not allowed: ${text}`,
      hint: `grant ${action} to the reconciler's role`,
    };
  if (text === 'Region is missing')
    return { class: 'needsUser', code: 'RegionMissing', message: 'no AWS region is set', hint: 'set AWS_REGION' };
  if (status !== undefined && status >= 400) return { class: 'terminal', code: name, message: `${action}: ${text}` };
  return { class: 'transient', code: name, message: `${action}: ${text}` };
}

function rowOf(name: string): Pick<Failure, 'class' | 'hint'> {
  const { class: kind = 'transient', hint } = byName.get(name) ?? {};
  return { class: kind, ...(hint ? { hint } : {}) };
}

/**
 * Returns a refused call by the action that IAM asked about, which may be another than the one at hand: reading a queue by its
 * name, for one, needs sqs:GetQueueUrl first.
 */
function denied(action: string, code: string, text: string): Failure {
  const [, asked = action, resource] = /is not authorized to perform: (\S+)(?: on resource: (\S+))?/.exec(text) ?? [];
  // SQS tells its actions in lower case.
  const missing = asked.toLowerCase() === action.toLowerCase() ? action : asked;
  const hint = /explicit deny/.test(text)
    ? `a Deny statement refuses ${missing}; remove it, or wait if an experiment has put it there`
    : `grant ${missing}${resource ? ` on ${resource}` : ''} to the reconciler's role (docs/permissions.md)`;
  return { class: 'needsUser', code, message: `${missing} is not allowed: ${text}`, hint };
}

/** Returns the text in plain words: those of the SDK for its time limits name its packages. */
function plainly(text: string): string {
  const limit = /(?:exceeded the configured|did not complete within|within the configured).*?(\d+)\s*ms/.exec(
    text,
  )?.[1];
  return limit !== undefined && text.includes('@smithy/')
    ? `no answer within ${Number(limit) / 1_000} s`
    : firstLine(text);
}

/** Returns the first line, shortened: some messages quote whole documents. */
function firstLine(text: string): string {
  const line = text.split('\n', 1)[0]!.trim();
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
