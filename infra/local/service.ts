/** Defines the one interface of all services of the embedded AWS. The endpoint knows nothing else of them. */

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

export interface Service {
  /** The name in IAM actions and log lines: `sqs`, `ecs`, `ssm`, `cloudwatch`, `sts`. */
  readonly name: string;
  /** The text before the action in `x-amz-target`, with its dot, e.g. `AmazonSQS.`. */
  readonly targetPrefix: string;
  /** The AWS JSON version, which decides the content type of replies. */
  readonly jsonVersion: '1.0' | '1.1';
  /** True for a service that once spoke the query protocol: its errors carry `x-amzn-query-error`. */
  readonly queryCompatible: boolean;
  /** Every action that this service answers; others get UnknownOperationException. */
  readonly actions: readonly string[];
  /** The actions that need a verified signature, because they can start a process on this machine. */
  readonly signedActions?: readonly string[];
  /** Answers one call. @throws AwsError for a call that AWS would refuse */
  handle(action: string, input: Input, context: CallContext): Promise<object> | object;
}

/** A service whose content is kept in the state folder (plain JSON in, plain JSON out). */
export interface Persistent {
  /** The file's name in the state folder, without `.json`. */
  readonly stateName: string;
  snapshot(): unknown;
  restore(state: unknown): void;
  /** Called by the owner; the service must call `changed` after each change worth keeping. */
  onChange(changed: () => void): void;
}

/** An error as AWS words it. `code` is the modelled shape name; `queryCode` is the older code that SQS still sends. */
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
