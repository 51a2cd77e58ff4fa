/** Defines the one interface of all services of the embedded AWS. The endpoint knows nothing else of them. */
import type { Field } from './form.ts';

/** The maker of a call, as its access key shows. */
export interface Principal {
  /** Twelve digits. */
  accountId: string;
  /** The caller as STS names it: an IAM user, or `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. */
  arn: string;
  /** The value of `aws:PrincipalArn`: the role's own ARN for an assumed role, otherwise `arn`. */
  principalArn: string;
  accessKeyId: string;
  /** True when the signature was checked against the secret that belongs to the access key. */
  verified: boolean;
}

export interface CallContext {
  requestId: string;
  principal: Principal;
  /** Aborted when the client hangs up or the server closes; long polls end on it. */
  signal: AbortSignal;
}

export type Input = Record<string, unknown>;

/** The record of a call, made once the call is answered. */
export interface CallRecord {
  at: number;
  service: string;
  action: string;
  principalArn: string;
  input: Input;
  status: number;
  /** The AWS error code when the call failed. */
  error?: string;
}

/** The way in which a service speaks the query protocol. */
export interface QueryBinding {
  /** The API version that clients send as `Version`. */
  readonly version: string;
  /** The namespace of its XML. */
  readonly namespace: string;
  /** Reads the members of a call. @param path the path of the URL, which may name a queue */
  decode(form: Field, path: string): Input;
  /** Writes the content of the result; undefined for an action without a result. */
  encode(action: string, output: object): string | undefined;
}

export interface Service {
  /** The name in IAM actions and log lines: `sqs`, `ecs`, `ssm`, `cloudwatch`, `sts`. */
  readonly name: string;
  /** The text before the action in `x-amz-target`, with its dot, e.g. `AmazonSQS.`; undefined without AWS JSON. */
  readonly targetPrefix: string | undefined;
  /** The AWS JSON version, which decides the content type of replies. */
  readonly jsonVersion: '1.0' | '1.1';
  /** True for a service that once spoke the query protocol: its errors carry `x-amzn-query-error`. */
  readonly queryCompatible: boolean;
  /** Present if the service speaks the query protocol. */
  readonly query?: QueryBinding;
  /** Every action that this service answers; others get UnknownOperationException. */
  readonly actions: readonly string[];
  /** The actions that need a verified signature, because they can start a process on this machine. */
  readonly signedActions?: readonly string[];
  /** Answers one call. @throws AwsError for a call that AWS would refuse */
  handle(action: string, input: Input, context: CallContext): Promise<object> | object;
}

/**
 * Keeps the entities of a service, by keys that are unique within the service. The changes between two turns of the event
 * loop are kept together or not at all.
 */
export interface Keeper {
  /** Keeps a value, which must be plain data, in place of an earlier one. */
  put(key: string, value: unknown): void;
  /** Sets some members of a kept value. */
  patch(key: string, members: Readonly<Record<string, unknown>>): void;
  remove(key: string): void;
  /** Removes all entities whose key begins with a prefix. */
  clear(prefix: string): void;
}

/** Keeps nothing: for a service without a state folder. */
export const NO_KEEPER: Keeper = { put: () => {}, patch: () => {}, remove: () => {}, clear: () => {} };

/** A service whose entities are kept in the state folder. */
export interface Persistent {
  /** The first part of its keys, and its name in error messages. */
  readonly stateName: string;
  /**
   * Takes the kept entities, once and before anything else, and the keeper, which must learn of each change from then on.
   * @throws Error for an entity that it cannot use
   */
  restore(entities: ReadonlyMap<string, unknown>, keeper: Keeper): void;
  /** Yields each entity as it is at that moment. Changes may happen in between. */
  entities(): Iterable<readonly [key: string, value: unknown]>;
}

/** An error as AWS words it. `code` is the name of its shape; `queryCode` is the older code that SQS still sends. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly queryCode: string | undefined;
  readonly fault: 'Sender' | 'Receiver';
  /** Further members of the error's shape, if it has any. */
  readonly members: Record<string, unknown>;

  constructor(
    code: string,
    message: string,
    options: { status?: number; queryCode?: string; members?: Record<string, unknown> } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.queryCode = options.queryCode;
    this.fault = this.status >= 500 ? 'Receiver' : 'Sender';
    this.members = options.members ?? {};
  }
}
