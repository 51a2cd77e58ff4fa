/**
 * Defines the ports that a service of the embedded AWS gets, and the optional parts that it may offer beside `handle`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import type { CredentialStore } from './credentials.ts';
import type { Persistent, Service } from './service.ts';

/**
 * One queue's gauges and running totals; the CloudWatch publisher turns differences of the totals into `AWS/SQS`
 * points.
 */
export interface QueueMetrics {
  queueName: string;
  visible: number;
  inFlight: number;
  delayed: number;
  /** Message groups with messages in flight; FIFO queues only. */
  groupsInFlight?: number;
  /** Seconds; undefined while the queue holds no active message, because AWS then publishes no age at all. */
  oldestAgeSeconds: number | undefined;
  /** Messages since this server started, as are the four that follow. */
  sent: number;
  received: number;
  deleted: number;
  /** ReceiveMessage calls that returned nothing. */
  emptyReceives: number;
  /** Bytes of body and attributes. */
  sentBytes: number;
}

export interface QueueMetricsSource {
  metrics(): QueueMetrics[];
}

/** A change of a parameter, in the words of EventBridge's "Parameter Store Change" event. */
export interface ParameterChange {
  name: string;
  type: string;
  operation: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion';
}

export interface ParameterChangeSource {
  /** Calls `listener` after each change. The returned function ends that. */
  onParameterChange(listener: (change: ParameterChange) => void): () => void;
}

export interface LocalContext {
  clock: Clock;
  region: string;
  /** Twelve digits. */
  accountId: string;
  /** Returns the address of the endpoint, e.g. `http://127.0.0.1:4566`. @throws Error before the endpoint listens */
  endpointUrl(): string;
  credentials: CredentialStore;
  /** Reports a failure that no caller is told of. Never throws. */
  onProblem(message: string, error?: unknown): void;
  sqs: QueueMetricsSource;
  ssm: ParameterChangeSource;
}

/**
 * Answers plain HTTP beside the AWS protocols, e.g. of the ECS agent. Resolves to false for a path that is not its own.
 */
export type RouteHandler = (req: IncomingMessage, res: ServerResponse, url: URL) => boolean | Promise<boolean>;

/** A service with the optional parts that `startLocalAws` looks for. */
export interface LocalService extends Service {
  /** Answers requests of any method that have no `x-amz-target`, before they are dispatched. */
  routes?: RouteHandler;
  /** Kept in the state folder when there is one. */
  persistent?: Persistent;
  /** Starts timers and tasks. Called once the state is restored and the endpoint listens. */
  start?(): void | Promise<void>;
  /** Stops timers and processes. Called before the endpoint closes. */
  close?(): void | Promise<void>;
}

/** Makes a service, such as `createEcs` and `createCloudWatch`. It starts nothing yet; `start` does. */
export type ServiceFactory = (context: LocalContext) => LocalService;
