/**
 * Kills an embedded AWS with SIGKILL while clients use it, starts it again on its folder, and checks that everything that
 * was acknowledged is there, in one order. `KILLS=200` makes it long.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { test } from 'uvu';

const KILLS = Number(process.env.KILLS ?? 6);
const SEED = Number(process.env.SEED ?? 1);
const KEY = { accessKeyId: 'AKIADURABLE', secretAccessKey: 'secret' };
const SERVER = fileURLToPath(new URL('./server.ts', import.meta.url));

interface Clients {
  sqs: SQSClient;
  ssm: SSMClient;
  ecs: ECSClient;
  queue: string;
}

interface Server extends Clients {
  process: ChildProcess;
}

async function start(stateDir: string): Promise<Server> {
  const argv = ['--import', 'tsx', SERVER, stateDir, KEY.accessKeyId, KEY.secretAccessKey];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [endpoint] = await once(createInterface(child.stdout), 'line');
  const options = { endpoint, region: 'us-east-1', credentials: KEY, maxAttempts: 1 };
  const queue = `${endpoint}/000000000000/jobs`;
  const clients = { sqs: new SQSClient(options), ssm: new SSMClient(options), ecs: new ECSClient(options), queue };
  return { process: child, ...clients };
}

async function end(server: Server): Promise<void> {
  server.process.kill('SIGKILL');
  if (server.process.exitCode === null && server.process.signalCode === null) await once(server.process, 'exit');
  for (const client of [server.sqs, server.ssm, server.ecs]) client.destroy();
}

/** A number that each write raises, with the last one that was acknowledged. Writes after it may have happened. */
interface Counter {
  acknowledged: number;
  attempted: number;
}

/** The acknowledgements that clients got, and the calls that they tried. */
class Expected {
  readonly sent = new Set<string>();
  readonly tried = new Set<string>();
  readonly deleted = new Set<string>();
  readonly deleting = new Set<string>();
  readonly parameter: Counter = { acknowledged: 0, attempted: 0 };
  readonly attribute: Counter = { acknowledged: 0, attempted: 0 };
  readonly desired: Counter = { acknowledged: 0, attempted: 0 };
  #acknowledged = 0;
  #killAt = Number.POSITIVE_INFINITY;
  #kill: () => void = () => {};

  acknowledge(): void {
    this.#acknowledged += 1;
    if (this.#acknowledged === this.#killAt) this.#kill();
  }

  /** Resolves right when so many more calls have been acknowledged. */
  after(acknowledgements: number): Promise<void> {
    this.#killAt = this.#acknowledged + acknowledgements;
    return new Promise((resolve) => {
      this.#kill = resolve;
    });
  }
}

async function raise(counter: Counter, to: number, write: () => Promise<unknown>): Promise<void> {
  counter.attempted = to;
  await write();
  counter.acknowledged = to;
}

/** Turns a number into a retention period that SQS accepts, and back. */
const RETENTION_S = 100_000;

/** Raises three numbers in turn, in three services. So at any time each is as high as the next, or one higher. */
async function climb({ sqs, ssm, ecs, queue }: Clients, expected: Expected): Promise<void> {
  const { parameter, desired } = expected;
  // A step that was cut short is taken again.
  for (let n = parameter.acknowledged + (desired.acknowledged < parameter.acknowledged ? 0 : 1); ; n++) {
    const Value = String(n);
    await raise(expected.parameter, n, () =>
      ssm.send(new PutParameterCommand({ Name: '/n', Value, Type: 'String', Overwrite: true })),
    );
    const Attributes = { MessageRetentionPeriod: String(RETENTION_S + n) };
    await raise(expected.attribute, n, () => sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes })));
    await raise(expected.desired, n, () =>
      ecs.send(new UpdateServiceCommand({ cluster: 'c', service: 's', desiredCount: n })),
    );
    expected.acknowledge();
  }
}

async function produce({ sqs, queue }: Clients, expected: Expected, name: string): Promise<void> {
  for (let i = 0; ; i++) {
    const bodies = [`${name}-${i}-a`, `${name}-${i}-b`];
    for (const body of bodies) expected.tried.add(body);
    const Entries = bodies.map((MessageBody, id) => ({ Id: String(id), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries }));
    for (const body of bodies) expected.sent.add(body);
    expected.acknowledge();
  }
}

async function consume({ sqs, queue }: Clients, expected: Expected): Promise<void> {
  for (;;) {
    // One message of three is left in flight.
    const three = { QueueUrl: queue, MaxNumberOfMessages: 3, VisibilityTimeout: 1 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(three));
    for (const { Body = '', ReceiptHandle } of Messages.slice(0, 2)) {
      expected.deleting.add(Body);
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
      expected.deleted.add(Body);
      expected.acknowledge();
    }
  }
}

async function setUp({ sqs, ssm, ecs }: Clients): Promise<void> {
  await sqs.send(
    new CreateQueueCommand({ QueueName: 'jobs', Attributes: { MessageRetentionPeriod: String(RETENTION_S) } }),
  );
  await ssm.send(new PutParameterCommand({ Name: '/n', Value: '0', Type: 'String' }));
  await ecs.send(new CreateClusterCommand({ clusterName: 'c' }));
  const containerDefinitions = [{ name: 'w', image: 'none', command: ['sleep', '60'] }];
  await ecs.send(new RegisterTaskDefinitionCommand({ family: 't', containerDefinitions }));
  await ecs.send(new CreateServiceCommand({ cluster: 'c', serviceName: 's', taskDefinition: 't', desiredCount: 0 }));
}

/** Looks at the three numbers after a restart, and takes them as the state from which the next round goes on. */
async function checkNumbers({ sqs, ssm, ecs, queue }: Clients, expected: Expected): Promise<void> {
  const parameter = Number((await ssm.send(new GetParameterCommand({ Name: '/n' }))).Parameter?.Value);
  const AttributeNames = ['MessageRetentionPeriod' as const];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames }));
  const attribute = Math.max(0, Number(Attributes?.MessageRetentionPeriod) - RETENTION_S);
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'c', services: ['s'] }));
  const desired = Number(services?.[0]?.desiredCount);
  const found = { parameter, attribute, desired };
  for (const name of ['parameter', 'attribute', 'desired'] as const) {
    const { acknowledged, attempted } = expected[name];
    assert.ok(found[name] >= acknowledged, `${name} is ${found[name]}; ${acknowledged} was acknowledged`);
    assert.ok(found[name] <= attempted, `${name} is ${found[name]}; nobody wrote more than ${attempted}`);
    expected[name].acknowledged = expected[name].attempted = found[name];
  }
  const order = JSON.stringify(found);
  assert.ok(parameter >= attribute && attribute >= desired && desired >= parameter - 1, `out of order: ${order}`);
}

/** Reads the queue to its end. The wait is longer than the visibility timeout of the messages in flight. */
async function bodiesLeft({ sqs, queue }: Clients): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const ten = { QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 600, WaitTimeSeconds: 2 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(ten));
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

async function checkMessages(server: Server, expected: Expected): Promise<void> {
  const left = new Set(await bodiesLeft(server));
  for (const body of left) {
    assert.ok(expected.tried.has(body), `${body} was never sent`);
    assert.ok(!expected.deleted.has(body), `${body} was deleted, and came back`);
  }
  const lost = [...expected.sent].filter((body) => !left.has(body) && !expected.deleting.has(body));
  assert.deepEqual(lost, []);
  assert.ok(expected.sent.size > KILLS && expected.deleted.size > KILLS, 'the clients got something done');
}

/** Numbers in [0, 1), the same ones for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`${KILLS} times kill -9: nothing acknowledged is lost, nothing comes back, and the order holds`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kill-'));
  const random = seeded(SEED);
  const expected = new Expected();
  let server = await start(folder);
  try {
    await setUp(server);
    for (let kill = 0; kill < KILLS; kill++) {
      const clients = [
        climb(server, expected),
        ...[1, 2].map((i) => produce(server, expected, `${kill}.${i}`)),
        consume(server, expected),
      ];
      // Each client goes on until the connection breaks.
      const broken = Promise.allSettled(clients);
      await expected.after(1 + Math.floor(random() * 150));
      await end(server);
      await broken;
      server = await start(folder);
      await checkNumbers(server, expected);
    }
    await checkMessages(server, expected);
  } finally {
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
