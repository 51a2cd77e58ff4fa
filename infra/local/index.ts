/** Starts the embedded AWS: one loopback endpoint with SQS, SSM, STS, and the further services that it is given. */
import { type Clock, systemClock } from './clock.ts';
import type { LocalContext, LocalService, ServiceFactory } from './context.ts';
import { type AccessKey, CredentialStore } from './credentials.ts';
import { type Endpoint, startEndpoint } from './endpoint.ts';
import type { FaultHook } from './faults.ts';
import type { CallRecord } from './service.ts';
import { Sqs } from './sqs/index.ts';
import { Ssm } from './ssm/index.ts';
import { openState } from './state/index.ts';
import { sts } from './sts.ts';

export interface LocalAwsOptions {
  /** 0 takes any free one. Default 4566. */
  port?: number;
  /** Default: the system's. */
  clock?: Clock;
  /** The folder that keeps queues, messages, parameters and services between runs. Without it, nothing is kept. */
  stateDir?: string;
  /** Default us-east-1. */
  region?: string;
  /** Twelve digits. Default 000000000000. */
  accountId?: string;
  /** The root user's key; made anew for each run unless given. */
  rootKey?: AccessKey;
  /** Called for each call, once it is answered. */
  onCall?: (record: CallRecord) => void;
  /** Called for each failure that no caller is told of. Default: one line on stderr. */
  onProblem?: (message: string, error?: unknown) => void;
  faults?: FaultHook;
  /** Further services, e.g. `[createEcs, createCloudWatch]`. */
  services?: readonly ServiceFactory[];
}

export interface LocalAws {
  /** e.g. `http://127.0.0.1:4566` */
  readonly url: string;
  readonly port: number;
  readonly region: string;
  readonly accountId: string;
  /** The access key of the root user, with which the run's own clients sign. */
  readonly rootKey: AccessKey;
  readonly credentials: CredentialStore;
  readonly sqs: Sqs;
  readonly ssm: Ssm;
  /** All services in the order given; SQS and SSM come first. */
  readonly services: readonly LocalService[];
  /** Stops the services (last given first), ends all connections, writes the state. Safe to call twice. */
  close(): Promise<void>;
}

function complain(message: string): void {
  process.stderr.write(`embedded AWS: ${message}\n`);
}

/** Closes all services, the last one first, even if one of them fails. */
async function closeServices(services: readonly LocalService[], onProblem: LocalContext['onProblem']): Promise<void> {
  for (const service of [...services].reverse()) {
    try {
      await service.close?.();
    } catch (error) {
      onProblem(`${service.name} did not close well: ${error}`, error);
    }
  }
}

/** Starts the embedded AWS. @throws Error in plain words if the port is taken or the state folder cannot be used */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const clock = options.clock ?? systemClock;
  const region = options.region ?? 'us-east-1';
  const accountId = options.accountId ?? '000000000000';
  if (!/^\d{12}$/.test(accountId)) throw new Error(`The account id must be twelve digits, not "${accountId}".`);
  const onProblem = options.onProblem ?? complain;
  const credentials = new CredentialStore(accountId, options.rootKey);
  let endpoint: Endpoint | undefined;
  const endpointUrl = (): string => {
    if (!endpoint) throw new Error('The embedded AWS does not listen yet.');
    return endpoint.url;
  };
  const sqs = new Sqs({ clock, region, accountId, endpointUrl });
  const ssm = new Ssm({ clock, region, accountId });
  const context: LocalContext = { clock, region, accountId, endpointUrl, credentials, onProblem, sqs, ssm };
  const services: LocalService[] = [sqs, ssm];
  for (const create of options.services ?? []) services.push(create(context));
  const persistent = services.flatMap((service) => service.persistent ?? []);
  const after = clock.after.bind(clock);
  const state = options.stateDir
    ? await openState(persistent, { folder: options.stateDir, after, onProblem })
    : undefined;
  try {
    endpoint = await startEndpoint({
      port: options.port ?? 4566,
      services: [...services, sts],
      routes: services.flatMap((service) => (service.routes ? [service.routes.bind(service)] : [])),
      credentials,
      now: () => clock.now(),
      after,
      onCall: options.onCall,
      onProblem,
      faults: options.faults,
      state,
    });
  } catch (error) {
    await state?.close();
    throw error;
  }
  const { url, port } = endpoint;
  const stop = async (): Promise<void> => {
    await closeServices(services, onProblem);
    await endpoint?.close();
    await state?.close().catch((error) => onProblem((error as Error).message, error));
  };
  try {
    for (const service of services) await service.start?.();
  } catch (error) {
    await stop();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  const close = (): Promise<void> => {
    stopping ??= stop();
    return stopping;
  };
  return { url, port, region, accountId, rootKey: credentials.root, credentials, sqs, ssm, services, close };
}
