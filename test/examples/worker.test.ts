/** The demo worker on virtual time: finishes, heartbeats, hands back, pauses, survives a partition. */
import assert from 'node:assert/strict';
import type { Message } from '@aws-sdk/client-sqs';
import { test } from 'uvu';
import { asksToPause } from '../../examples/worker/flag.ts';
import { parseJob, type Result } from '../../examples/worker/job.ts';
import { type JobQueue, Worker } from '../../examples/worker/worker.ts';
import { VirtualScheduler } from '../../reconciler/loop/virtual-time.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

function harness({ concurrency = 1, jobs = [] as number[] } = {}) {
  const scheduler = new VirtualScheduler(1_000_000);
  const calls: string[] = [];
  const results: Result[] = [];
  const state = { paused: false, partition: false, failReports: 0 };
  let waiting: Message[] = jobs.map((seconds, i) => message(i + 1, seconds));
  let arrived = () => {};
  const note = (text: string) => calls.push(`${(scheduler.now() - 1_000_000) / 1_000} ${text}`);

  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve();
      scheduler.at(ms, resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  const queue: JobQueue = {
    visibilityTimeout: 30,
    receive: async (most, seconds) => {
      if (state.partition) throw Object.assign(new Error('explicit deny'), { name: 'AccessDenied' });
      if (waiting.length === 0)
        await Promise.race([sleep(seconds * 1_000), new Promise<void>((resolve) => (arrived = resolve))]);
      const taken = waiting.slice(0, most);
      waiting = waiting.slice(most);
      if (taken.length > 0) note(`receive ${taken.map((m) => m.MessageId).join(',')}`);
      return taken;
    },
    delete: async (m) => void note(`delete ${m.MessageId}`),
    hide: async (m, seconds) => void note(`hide ${m.MessageId} ${seconds}`),
    report: async (result) => {
      if (state.failReports-- > 0) throw new Error('no results queue');
      results.push(result);
    },
  };
  const worker = new Worker({
    queue,
    name: 'w1',
    concurrency,
    pollSeconds: 10,
    protect: async (busy) => void note(busy ? 'protect' : 'unprotect'),
    paused: () => state.paused,
    log: (level, text) => level === 'warn' && note(`warn: ${text}`),
    now: () => scheduler.now(),
    sleep,
  });
  let ended = false;
  const done = worker.run().then(() => {
    ended = true;
  });
  return {
    worker,
    state,
    calls,
    results,
    done,
    ended: () => ended,
    send: (seconds: number, id = 99) => {
      waiting.push(message(id, seconds));
      arrived();
    },
    /** Lets `seconds` pass, in steps, so that what one step starts can run in the next. */
    pass: async (seconds: number) => {
      for (let i = 0; i < seconds * 4; i++) {
        await settle();
        scheduler.advanceTo(scheduler.now() + 250);
      }
      await settle();
    },
  };
}

const message = (id: number, seconds: number, body = JSON.stringify({ id, seconds, sentAt: 999_000 })): Message => ({
  MessageId: String(id),
  Body: body,
  Attributes: { ApproximateReceiveCount: '2', ApproximateFirstReceiveTimestamp: '999500' } as Message['Attributes'],
});

test('one job: protected first, worked for its time, reported, and only then deleted', async () => {
  const { pass, calls, results } = harness({ jobs: [5] });
  await pass(6);
  assert.deepEqual(calls, ['0 receive 1', '0 protect', '5 delete 1', '5 unprotect']);
  assert.deepEqual(results, [
    {
      run: '',
      id: 1,
      sentAt: 999_000,
      firstReceivedAt: 999_500,
      receivedAt: 1_000_000,
      doneAt: 1_005_000,
      receiveCount: 2,
      worker: 'w1',
    },
  ]);
});

test('a long job keeps its message hidden, at each half of the timeout, until it is done', async () => {
  const { pass, calls } = harness({ jobs: [40] });
  await pass(60);
  assert.deepEqual(
    calls.filter((c) => /hide|delete/.test(c)),
    ['15 hide 1 30', '30 hide 1 30', '40 delete 1'],
  );
});

test('it takes as many jobs as it has room for, and is protected until the last one ends', async () => {
  const { pass, calls } = harness({ concurrency: 2, jobs: [2, 4, 1] });
  await pass(10);
  assert.deepEqual(
    calls.filter((c) => !/ protect/.test(c)),
    ['0 receive 1,2', '2 delete 1', '2 receive 3', '3 delete 3', '4 delete 2', '4 unprotect'],
  );
});

test('SIGTERM: it finishes what ends in time, and takes no more', async () => {
  const { pass, worker, calls, ended, send } = harness({ jobs: [5] });
  await pass(2);
  worker.stop(8_000);
  send(1);
  await pass(2);
  assert.equal(ended(), false);
  await pass(2);
  assert.equal(ended(), true);
  assert.ok(calls.includes('5 delete 1'), 'the job is finished');
  assert.ok(!calls.some((c) => c.includes('99')), 'no other was taken');
});

test('SIGTERM: what does not end in time goes back to the queue at once, and is not reported', async () => {
  const { pass, worker, calls, results, ended } = harness({ jobs: [60] });
  await pass(2);
  worker.stop(8_000);
  await pass(9);
  assert.equal(ended(), true);
  assert.ok(calls.includes('10 hide 1 0'), calls.join('; '));
  assert.equal(results.length, 0);
});

test('SIGTERM in an idle poll: the poll is finished, and the message that it brings goes back at once', async () => {
  const { pass, worker, calls, results, ended, send } = harness();
  await pass(2);
  worker.stop(8_000);
  await pass(1);
  assert.equal(ended(), false, 'the poll is not cut');
  send(1, 7);
  await pass(1);
  assert.equal(ended(), true);
  assert.deepEqual(calls, ['3 receive 7', '3 hide 7 0']);
  assert.equal(results.length, 0);
});

test('SIGTERM in an idle poll that brings nothing: it ends with the poll', async () => {
  const { pass, worker, calls, ended } = harness();
  await pass(2);
  worker.stop(8_000);
  await pass(7);
  assert.equal(ended(), false);
  await pass(2);
  assert.equal(ended(), true);
  assert.deepEqual(calls, []);
});

test('a partition is told once, waited out, and its end is noticed within a second', async () => {
  const { pass, state, calls, send } = harness();
  state.partition = true;
  send(1, 7);
  await pass(20);
  assert.equal(calls.filter((c) => c.includes('cannot receive jobs')).length, 1);
  state.partition = false;
  await pass(1);
  assert.ok(
    calls.some((c) => c.includes('receive 7')),
    calls.join('; '),
  );
});

test('while paused it receives nothing; what it has goes on', async () => {
  const { pass, state, calls, send } = harness({ jobs: [3] });
  await pass(1);
  state.paused = true;
  await pass(4);
  send(1, 8);
  await pass(10);
  assert.ok(calls.includes('3 delete 1'), 'the job in hand is finished');
  assert.ok(!calls.some((c) => c.includes('receive 8')), 'nothing new is taken');
  state.paused = false;
  await pass(2);
  assert.ok(
    calls.some((c) => c.includes('delete 8')),
    calls.join('; '),
  );
});

test('a job whose result cannot be sent is not deleted', async () => {
  const { pass, state, calls } = harness({ jobs: [1] });
  state.failReports = 1;
  await pass(3);
  assert.ok(!calls.some((c) => c.includes('delete')), calls.join('; '));
  assert.ok(
    calls.some((c) => c.includes('could not finish')),
    calls.join('; '),
  );
});

test('what is no job is left for the dead-letter queue', async () => {
  for (const body of [
    undefined,
    '',
    'null',
    '[]',
    '{}',
    '{"id":1.5,"seconds":1,"sentAt":1}',
    '{"id":1,"seconds":-1,"sentAt":1}',
  ])
    assert.equal(parseJob(body), undefined, String(body));
  assert.deepEqual(parseJob('{"id":1,"seconds":0.5,"sentAt":3,"more":4}'), { run: '', id: 1, seconds: 0.5, sentAt: 3 });
});

test('a flag pauses, and one that carries its end is over by itself', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  for (const value of ['false', 'OFF', ' paused ', '0', 'paused until 2026-11-23T12:00:01.000Z'])
    assert.equal(asksToPause(value, now), true, value);
  for (const value of ['', 'true', 'running', 'paused until 2026-11-23T12:00:00.000Z', 'paused until whenever'])
    assert.equal(asksToPause(value, now), false, value);
});

test.run();
