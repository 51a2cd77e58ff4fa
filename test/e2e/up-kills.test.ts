/**
 * kill -9 of `sluice up --state` and of its workers at seeded moments: nothing that the embedded AWS acknowledged is lost or
 * undone, no partition outlives its experiment, and no number of the summary is negative.
 *
 * A few kills by default; `npm run test:kills -- --all` makes 40 of `up` and hundreds of workers, `--seed N` draws others.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { test } from 'uvu';
import { random } from '../support/random.ts';
import { sample } from '../support/sample.ts';
import { clientOf, startUp, type UpRun } from '../support/up.ts';

const KILLS = sample.whole ? 40 : 3;

/** A worker is killed each second, and a partition begins now and then. */
const SCENARIO = `description: kills
load: { phases: [{ for: 60, rate: 10 }], repeat: true }
jobs: 200ms
startUp: 200ms
visibilityTimeout: 2s
events:
  - { at: 2s, every: 1s, kill: worker }
  - { at: 3s, every: 12s, experiment: cut }
policy:
  interval: 1s
  scaling: { minWorkers: 3, maxWorkers: 5, strategies: [{ type: backlogPerWorker, target: 20 }] }
  chaos: { enabled: true, cooldown: 0s, experiments: [{ name: cut, fault: { type: partition, duration: 5s } }] }
`;

/** The messages of one client, as the queue acknowledged them. */
interface Book {
  sent: Set<string>;
  deleted: Set<string>;
  /** Deletes whose reply never came: the message may be there or not. */
  doubtful: Set<string>;
}

test('what up acknowledged survives kill -9', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'sluice-kills-'));
  const next = random(sample.seed);
  const book: Book = { sent: new Set(), deleted: new Set(), doubtful: new Set() };
  let current: UpRun | undefined;
  const start = async (...args: string[]): Promise<UpRun> => {
    current = await startUp({ scenario: SCENARIO, args: ['--state', 'state', ...args], cwd });
    return current;
  };
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const up = await start();
      const client = new SQSClient({ ...clientOf(up), maxAttempts: 1 });
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'mine' }));
      let over = false;
      const using = use(client, QueueUrl!, book, `${kill}`, () => over);
      await sleep(500 + next() * 6_000);
      up.child.kill('SIGKILL');
      over = true;
      await using;
      client.destroy();
      await up.cleanUp();
    }
    const last = await start('--drain-timeout', '60s');
    const client = new SQSClient(clientOf(last));
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'mine' }));
    const left = await bodies(client, QueueUrl!);
    const missing = [...book.sent].filter((b) => !left.has(b) && !book.deleted.has(b) && !book.doubtful.has(b));
    assert.deepEqual(missing, [], 'acknowledged messages that are gone');
    assert.deepEqual(
      [...book.deleted].filter((b) => left.has(b)),
      [],
      'deleted messages that are back',
    );
    console.log(
      `seed ${sample.seed}: ${KILLS} kills, ${book.sent.size} messages acknowledged, ${book.deleted.size} deleted`,
    );
    last.child.kill('SIGINT');
    const { status, summary } = await last.ended;
    assert.equal(status, 0, last.output());
    assert.equal(summary?.lost, 0);
    for (const [name, value] of Object.entries(summary ?? {}))
      if (typeof value === 'number') assert.ok(value >= 0, `${name} is ${value}`);
    client.destroy();
    const after = await start();
    assert.equal(await queuePolicy(after), '', 'a partition outlived its experiment');
  } finally {
    await current?.cleanUp();
    rmSync(cwd, { recursive: true, force: true });
  }
});

/** Sends messages one by one and deletes every third, until told to end or the endpoint is gone. */
async function use(client: SQSClient, QueueUrl: string, book: Book, run: string, isOver: () => boolean): Promise<void> {
  for (let i = 0; !isOver(); i++) {
    const body = `${run}-${i}`;
    try {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
      book.sent.add(body);
      if (i % 3 !== 0) continue;
      const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 1 }));
      const [message] = Messages ?? [];
      if (!message) continue;
      book.doubtful.add(message.Body!);
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle! }));
      book.doubtful.delete(message.Body!);
      book.deleted.add(message.Body!);
    } catch {
      // The endpoint is gone: this call was not acknowledged.
      return;
    }
  }
}

/** Receives everything that is in a queue. Messages in flight come back after a second. */
async function bodies(client: SQSClient, QueueUrl: string): Promise<Set<string>> {
  const found = new Set<string>();
  for (let empty = 0; empty < 2; ) {
    const { Messages } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2, VisibilityTimeout: 600 }),
    );
    for (const { Body } of Messages ?? []) found.add(Body!);
    empty = Messages?.length ? 0 : empty + 1;
  }
  return found;
}

async function queuePolicy(up: UpRun): Promise<string> {
  const client = new SQSClient(clientOf(up));
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'jobs' })).catch(() => ({
    QueueUrl: `${up.env.AWS_ENDPOINT_URL}/000000000000/jobs`,
  }));
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }));
  client.destroy();
  return Attributes?.Policy ?? '';
}

test.run();
