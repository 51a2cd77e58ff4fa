import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { AwsCredentialIdentityProvider } from '@smithy/types';
import { type CallListener, guard } from './middleware.ts';
import { accountBuckets, type TokenBucket } from './rate-limit.ts';

export interface ClientSettings {
  region?: string | undefined;
  /** One endpoint for all services: the embedded AWS, moto. Without it the clients use AWS, or the SDK's own variables. */
  endpoint?: string | undefined;
  /** Keys to sign with. Without them the clients use the SDK's own chain of providers. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
  /** Longest wait for a connection, in milliseconds. */
  connectionTimeout?: number;
  /** Longest wait for an answer, in milliseconds. */
  requestTimeout?: number;
  /** Attempts in all, the first one included. */
  maxAttempts?: number;
  /** The client-side rate limits, by IAM action. An empty map sets none. */
  buckets?: ReadonlyMap<string, TokenBucket>;
}

/** The SDK's clients, each with the same limits, counting and renewal of credentials. */
export interface Clients {
  readonly sqs: SQSClient;
  readonly ecs: ECSClient;
  readonly cloudwatch: CloudWatchClient;
  readonly ssm: SSMClient;
  /** Called once for each call that has ended, well or not. */
  onCall: CallListener;
  /** Called with the IAM action right before each attempt of a write is sent. Throws to refuse it. */
  beforeWrite: (action: string) => void;
  /** Returns the region in force, or undefined when none is set. */
  region(): Promise<string | undefined>;
  destroy(): void;
}

/** Returns the options of `send` that end a call when `signal` aborts. */
export function abortedBy(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

export const VERSION = '0.1.0';

/** Returns the four clients. Their errors are those of the SDK; `classify` reads them. */
export function createClients(settings: ClientSettings = {}): Clients {
  const { connectionTimeout = 2_000, requestTimeout = 8_000, maxAttempts = 3, buckets = accountBuckets() } = settings;
  const shared = {
    ...(settings.region ? { region: settings.region } : {}),
    ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
    ...(settings.credentials ? { credentials: settings.credentials } : {}),
    maxAttempts,
    customUserAgent: `sluice/${VERSION}`,
    // Without throwOnRequestTimeout the SDK only logs a warning and goes on waiting.
    requestHandler: { connectionTimeout, requestTimeout, socketTimeout: requestTimeout, throwOnRequestTimeout: true },
  };
  // Otherwise the SQS client sends to the QueueUrl's own host, past the endpoint that was set.
  const sqs = new SQSClient({ ...shared, useQueueUrlAsEndpoint: false });
  const ecs = new ECSClient(shared);
  const cloudwatch = new CloudWatchClient({ ...shared, disableRequestCompression: true });
  const ssm = new SSMClient(shared);
  const clients: Clients = {
    sqs,
    ecs,
    cloudwatch,
    ssm,
    onCall: () => {},
    beforeWrite: () => {},
    region: () => ssm.config.region().catch(() => undefined),
    destroy: () => {
      for (const client of [sqs, ecs, cloudwatch, ssm]) client.destroy();
    },
  };
  const guards = {
    listener: (call: Parameters<CallListener>[0]) => clients.onCall(call),
    beforeWrite: (action: string) => clients.beforeWrite(action),
    buckets,
    attemptTimeout: connectionTimeout + requestTimeout,
  };
  const renewal = ({ credentials }: { credentials: AwsCredentialIdentityProvider }) => ({
    renewCredentials: () => credentials({ forceRefresh: true }),
  });
  guard(sqs.middlewareStack, { ...guards, ...renewal(sqs.config) });
  guard(ecs.middlewareStack, { ...guards, ...renewal(ecs.config) });
  guard(cloudwatch.middlewareStack, { ...guards, ...renewal(cloudwatch.config) });
  guard(ssm.middlewareStack, { ...guards, ...renewal(ssm.config) });
  return clients;
}
