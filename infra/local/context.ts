/** What a service of the embedded AWS is built from, and what it may offer beside `handle`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import type { CredentialStore } from './credentials.ts';
import type { Persistent, Service } from './service.ts';

/** One queue's gauges and running totals; the CloudWatch publisher turns differences of the totals into `AWS/SQS` points. */
export interface QueueMetrics {
  queueName: string;
  visible: number;
  inFlight: number;
  delayed: number;
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

/** As EventBridge's "Parameter Store Change" names operations. */
export interface ParameterChange {
  name: string;
  type: string;
  operation: 'Create' | 'Update' | 'Delete' | 'LabelParameterVersion';
}

export interface ParameterChangeSource {
  /** Calls `listener` after each change; the returned function ends that. */
  onParameterChange(listener: (change: ParameterChange) => void): () => void;
}

export interface LocalContext {
  clock: Clock;
  region: string;
  /** Twelve digits. */
  accountId: string;
  /** Where the endpoint listens, e.g. `http://127.0.0.1:4566`. Throws before it does. */
  endpointUrl(): string;
  credentials: CredentialStore;
  /** Takes what went wrong without having a caller to be told. Never throws. */
  onProblem(message: string, error?: unknown): void;
  sqs: QueueMetricsSource;
  ssm: ParameterChangeSource;
}

/** Plain HTTP beside the AWS protocols, e.g. the ECS agent. Resolves to false when the path is not its own. */
export type RouteHandler = (req: IncomingMessage, res: ServerResponse, url: URL) => boolean | Promise<boolean>;

/** A service with the optional parts that `startLocalAws` looks for. */
export interface LocalService extends Service {
  /** Asked before dispatch, for requests of any method that carry no `x-amz-target`. */
  routes?: RouteHandler;
  /** Kept in the state folder when there is one. */
  persistent?: Persistent;
  /** Called once the state was restored and the endpoint listens. */
  start?(): void | Promise<void>;
  /** Called before the endpoint closes: stop timers and processes. */
  close?(): void | Promise<void>;
}

/** `createEcs`, `createCloudWatch` and their like. Must not start anything yet; that is what `start` is for. */
export type ServiceFactory = (context: LocalContext) => LocalService;
