import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { classify, isExpired } from './errors.ts';
import { accountBuckets, type TokenBucket } from './rate-limit.ts';

export interface AwsSettings {
  region?: string | undefined;
  /** One endpoint for all services: the embedded AWS, LocalStack, moto. Left out: AWS itself, or the SDK's own variables. */
  endpoint?: string | undefined;
  /** Longest wait for a connection, and for an answer, in milliseconds. */
  connectionTimeout?: number;
  requestTimeout?: number;
  /** Attempts in all, the first one included. */
  maxAttempts?: number;
  buckets?: Map<string, TokenBucket>;
}

interface Clients {
  sqs: SQSClient;
  ecs: ECSClient;
  cloudwatch: CloudWatchClient;
  ssm: SSMClient;
}

export type ServiceName = keyof Clients;

/** Called once for each AWS call made, when it has ended. */
export type CallListener = (call: { action: string; seconds: number; error?: string }) => void;

const VERSION = '0.1.0';

/**
 * The four AWS clients behind one `call`: time limits, client-side rate limits, one retry with fresh credentials, and a
 * count of what was called. Errors are thrown as the SDK gives them; `classify` reads them.
 */
export class Aws {
  readonly #settings: AwsSettings;
  readonly #buckets: Map<string, TokenBucket>;
  #clients: Clients;
  onCall: CallListener = () => {};

  constructor(settings: AwsSettings = {}) {
    this.#settings = settings;
    this.#buckets = settings.buckets ?? accountBuckets();
    this.#clients = makeClients(settings);
  }

  /** Runs `command` with the client of `service`. `action` is the IAM action, e.g. `ecs:UpdateService`. */
  async call<Output>(service: ServiceName, action: string, command: object, signal?: AbortSignal): Promise<Output> {
    await this.#buckets.get(action)?.take();
    signal?.throwIfAborted();
    const started = performance.now();
    const done = (error?: unknown): void => {
      const seconds = (performance.now() - started) / 1_000;
      this.onCall(error === undefined ? { action, seconds } : { action, seconds, error: classify(error, action).code });
    };
    try {
      const output = await this.#send<Output>(service, command, signal);
      done();
      return output;
    } catch (error) {
      done(error);
      throw error;
    }
  }

  /** The region in force, or undefined when none is set. */
  async region(): Promise<string | undefined> {
    return this.#clients.ssm.config.region().catch(() => undefined);
  }

  destroy(): void {
    for (const client of Object.values(this.#clients)) client.destroy();
  }

  async #send<Output>(service: ServiceName, command: object, signal: AbortSignal | undefined): Promise<Output> {
    const attempt = (): Promise<Output> => {
      const client = this.#clients[service] as unknown as { send(c: object, o: object): Promise<Output> };
      return client.send(command, signal ? { abortSignal: signal } : {});
    };
    try {
      return await attempt();
    } catch (error) {
      if (!isExpired(error)) throw error;
      // The SDK does not retry this; new clients make the credential provider look again.
      this.#clients = makeClients(this.#settings);
      return attempt();
    }
  }
}

function makeClients(settings: AwsSettings): Clients {
  const { connectionTimeout = 2_000, requestTimeout = 8_000, maxAttempts = 3 } = settings;
  const shared = {
    ...(settings.region ? { region: settings.region } : {}),
    ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
    maxAttempts,
    customUserAgent: `sluice/${VERSION}`,
    // Without throwOnRequestTimeout the SDK only logs a warning and goes on waiting.
    requestHandler: { connectionTimeout, requestTimeout, socketTimeout: requestTimeout, throwOnRequestTimeout: true },
  };
  return {
    // Otherwise the client sends to the QueueUrl's own host, past the endpoint that was set.
    sqs: new SQSClient({ ...shared, useQueueUrlAsEndpoint: false }),
    ecs: new ECSClient(shared),
    cloudwatch: new CloudWatchClient({ ...shared, disableRequestCompression: true }),
    ssm: new SSMClient(shared),
  };
}
