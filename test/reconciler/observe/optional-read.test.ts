/** No tick waits for an optional reading longer than its limit; then it shows what was known before. */
import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { OptionalRead } from '../../../reconciler/observe/optional-read.ts';
import { readWithin } from '../../../reconciler/observe/reading.ts';

const test = suite('optional reads');
const T0 = 1_700_000_000_000;
/** Milliseconds; short, since nothing answers within it. */
const LIMIT = 5;

function harness() {
  const calls: { answer: (value: number) => void; fail: (error: Error) => void }[] = [];
  const clock = { now: T0 };
  const reads = new OptionalRead<number>({ action: 'ecs:ListTasks', now: () => clock.now });
  const load = (): Promise<number> =>
    new Promise((resolve, reject) => void calls.push({ answer: resolve, fail: reject }));
  return { calls, clock, get: () => reads.get('a', LIMIT, 30_000, load) };
}

test('an answer in time is returned, and kept for the interval with its own time', async () => {
  const { calls, clock, get } = harness();
  const first = get();
  calls[0]?.answer(7);
  assert.deepEqual(await first, { ok: true, at: T0, value: 7 });
  clock.now += 29_999;
  assert.deepEqual(await get(), { ok: true, at: T0, value: 7 });
  assert.equal(calls.length, 1);
});

test('without an answer the tick goes on: with a failure at first, and no second call meanwhile', async () => {
  const { calls, clock, get } = harness();
  const [first] = [await get(), await get()];
  assert.ok(!first.ok);
  assert.match(first.failure.message, /^ecs:ListTasks: no answer within 0\.005 s; the tick goes on without it$/);
  clock.now += 60_000;
  await get();
  assert.equal(calls.length, 1);
});

test('a late answer is there for the next tick', async () => {
  const { calls, clock, get } = harness();
  await get();
  calls[0]?.answer(7);
  clock.now += 1_000;
  assert.deepEqual(await get(), { ok: true, at: T0, value: 7 });
});

test('the last good answer is shown with its age, for five minutes', async () => {
  const { calls, clock, get } = harness();
  const first = get();
  calls[0]?.answer(7);
  await first;
  clock.now += 300_000;
  assert.deepEqual(await get(), { ok: true, at: T0, value: 7 });
  clock.now += 1;
  assert.equal((await get()).ok, false);
});

test('a failure is told, and the call is repeated when the interval is over', async () => {
  const { calls, clock, get } = harness();
  const first = get();
  calls[0]?.fail(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
  assert.equal((await first).ok, false);
  clock.now += 30_000;
  const second = get();
  calls[1]?.answer(8);
  assert.deepEqual(await second, { ok: true, at: T0 + 30_000, value: 8 });
});

test('what an experiment needs is aborted at its limit, and fails', async () => {
  let aborted = false;
  const reading = await readWithin(
    LIMIT,
    'sqs:GetQueueAttributes',
    () => T0,
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('aborted'));
        });
      }),
  );
  assert.ok(!reading.ok && aborted);
  assert.equal(reading.failure.code, 'TimeoutError');
});

test.run();
