/** Workers on the embedded SQS's FIFO queue, in virtual time: their number follows the groups and not the backlog. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { withChange } from '../../../policies/conclude.ts';
import { decide } from '../../../policies/decide.ts';
import { harness } from '../../infra/local/support.ts';
import { look, memoryOf, policyOf } from '../../support/policy.ts';

const TICK_MS = 10_000;
const policy = policyOf(
  {
    minWorkers: 1,
    maxWorkers: 30,
    strategies: [{ type: 'backlogPerWorker', target: 2 }],
    scaleUp: { cooldown: '0s', maxStep: 1 },
  },
  { queue: { name: 'jobs.fifo' }, interval: '10s' },
);

/** A queue and its workers, each of which needs a tick for a message. */
async function plant() {
  const h = harness();
  const QueueUrl = await h.queue('jobs.fifo', { FifoQueue: 'true' });
  let [workers, memory, sent] = [1, memoryOf(), 0];
  let held: string[] = [];
  const send = async (groups: number, each: number): Promise<void> => {
    for (let i = 0; i < groups * each; i++, sent++)
      await h.call('SendMessage', {
        QueueUrl,
        MessageBody: `${sent}`,
        MessageGroupId: `${i % groups}`,
        MessageDeduplicationId: `${sent}`,
      });
  };
  /** Finished messages go, idle workers take new ones, and Sluice looks. Returns the guard that limits, if any. */
  const tick = async (): Promise<string | undefined> => {
    for (const ReceiptHandle of held) await h.call('DeleteMessage', { QueueUrl, ReceiptHandle });
    held = [];
    for (let i = 0; i < workers; i++) {
      const { Messages } = await h.call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 1 });
      if (!Messages) break;
      held.push(Messages[0].ReceiptHandle);
    }
    const [visible, inFlight] = await h.counts(QueueUrl);
    const at = h.clock.now();
    const decided = decide(policy, look({ visible, inFlight, workers, at }), memory, at);
    memory = withChange(decided.memory, decided.decision);
    workers = decided.decision.desired ?? workers;
    h.clock.advance(TICK_MS);
    return decided.decision.guards.findLast(({ from, to }) => from !== to)?.guard;
  };
  const ticks = async (count: number): Promise<string | undefined> => {
    let limit: string | undefined;
    for (let i = 0; i < count; i++) limit = await tick();
    return limit;
  };
  return { send, ticks, workers: () => workers };
}

test('one group: the fleet stops growing, tries one more in ten minutes, and grows at once when there are groups', async () => {
  const { send, ticks, workers } = await plant();
  await send(1, 400);
  assert.equal(await ticks(12), 'fifoGroups');
  const few = workers();
  assert.ok(few <= 9, `${few} workers for one group`);
  assert.equal(await ticks(40), 'fifoGroups');
  assert.equal(workers(), few);
  await ticks(60);
  assert.equal(workers(), few + 1);
  await send(60, 3);
  await ticks(10);
  assert.ok(workers() > few + 5, `${workers()} workers for 60 groups`);
});

test('as many groups as workers: nothing holds the fleet', async () => {
  const { send, ticks, workers } = await plant();
  await send(40, 40);
  await ticks(35);
  assert.equal(workers(), 30);
});

test.run();
