/** From a burst to UpdateService, on the embedded AWS: a hundred bursts at random moments of the interval. */
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { concat, from, NEVER, of, Subject } from 'rxjs';
import { createEcs } from '../../infra/local/ecs/index.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { random as seeded } from '../../policies/grammar/random.ts';
import { emptyMemory } from '../../policies/memory.ts';
import { createClients } from '../../reconciler/aws/clients.ts';
import { awsWorld } from '../../reconciler/aws-world.ts';
import { reconcile } from '../../reconciler/loop/pipeline.ts';
import type { PolicyEvent } from '../../reconciler/loop/policy-event.ts';
import { policyOf } from '../support/policy.ts';

export interface Reaction {
  bursts: number;
  intervalMs: number;
  /** Milliseconds from the burst's last message to UpdateService. */
  p50: number;
  p99: number;
  max: number;
}

const QUEUES = 4;
const ROUNDS = 25;
const INTERVAL_MS = 1_000;

export async function reaction(): Promise<Reaction> {
  const updated = new Map<string, (at: number) => void>();
  const counts = new Map<string, number>();
  const cloud = await startLocalAws({
    port: 0,
    services: [(context) => createEcs(context, { startUpMs: 10 })],
    onCall: ({ action, input }) => {
      if (action !== 'UpdateService') return;
      const service = String(input.service).split('/').at(-1)!;
      counts.set(service, Number(input.desiredCount));
      if (Number(input.desiredCount) > 1) updated.get(service)?.(performance.now());
    },
  });
  const { accessKeyId, secretAccessKey } = cloud.rootKey;
  const clients = { endpoint: cloud.url, region: cloud.region, credentials: { accessKeyId, secretAccessKey } };
  const ecs = new ECSClient(clients);
  const sqs = new SQSClient({ ...clients, useQueueUrlAsEndpoint: false });
  const stop$ = new Subject<void>();
  process.env.AWS_ACCESS_KEY_ID = accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey;
  const aws = createClients({ region: cloud.region, endpoint: cloud.url });
  try {
    await ecs.send(new CreateClusterCommand({ clusterName: 'bench' }));
    const containerDefinitions = [{ name: 'w', image: 'local', command: ['sleep', '600'] }];
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'w', containerDefinitions }));
    const urls: string[] = [];
    for (let i = 0; i < QUEUES; i++) {
      urls.push((await sqs.send(new CreateQueueCommand({ QueueName: `q${i}` }))).QueueUrl!);
      const service = { cluster: 'bench', serviceName: `s${i}`, taskDefinition: 'w', desiredCount: 1 };
      await ecs.send(new CreateServiceCommand(service));
    }
    reconcile({
      specs$: concat(from(urls.map((_, i) => applied(i))), NEVER),
      world: awsWorld(aws, { metricsInterval: 0, tasksInterval: 0 }),
      restore: () => of(emptyMemory()),
      stop$,
    }).subscribe();
    await wait(3_000);
    const random = seeded(1);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      times.push(
        ...(await Promise.all(urls.map((url, i) => burst(sqs, url, `s${i}`, updated, random() * INTERVAL_MS)))),
      );
      await Promise.all(urls.map((url) => drain(sqs, url)));
      while ([...counts.values()].some((count) => count > 1)) await wait(INTERVAL_MS / 4);
    }
    times.sort((a, b) => a - b);
    const at = (q: number): number => Math.round(times[Math.min(times.length - 1, Math.floor(q * times.length))]!);
    return { bursts: times.length, intervalMs: INTERVAL_MS, p50: at(0.5), p99: at(0.99), max: at(1) };
  } finally {
    stop$.next();
    aws.destroy();
    ecs.destroy();
    sqs.destroy();
    await cloud.close();
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A queue is purged at most once a minute; received and deleted at any time. */
async function drain(sqs: SQSClient, QueueUrl: string): Promise<void> {
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return;
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Sends ten messages after a while; milliseconds from then until the service's count is raised. */
async function burst(
  sqs: SQSClient,
  QueueUrl: string,
  service: string,
  updated: Map<string, (at: number) => void>,
  after: number,
): Promise<number> {
  await wait(after);
  const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: String(i), MessageBody: '{}' }));
  const raised = new Promise<number>((resolve, reject) => {
    updated.set(service, resolve);
    setTimeout(() => reject(new Error(`${service} was not scaled within 20 s`)), 20_000).unref();
  });
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const sent = performance.now();
  const at = await raised;
  updated.delete(service);
  return Math.max(0, at - sent);
}

function applied(i: number): PolicyEvent {
  const policy = policyOf(
    {
      minWorkers: 1,
      maxWorkers: 2,
      strategies: [{ type: 'backlogPerWorker', target: 5 }],
      scaleUp: { cooldown: '0s' },
      scaleDown: { cooldown: '0s' },
    },
    { interval: '1s', queue: { name: `q${i}` }, service: { cluster: 'bench', name: `s${i}` } },
  );
  const name = `policy-${i}`;
  return { kind: 'applied', name, policy: { ...policy, metadata: { ...policy.metadata, name } }, text: '' };
}
