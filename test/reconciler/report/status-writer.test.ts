/** Status writes: coalesced, spaced, the urgent first, and never over what was not read. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { emptyMemory } from '../../../policies/memory.ts';
import type { Memory } from '../../../policies/model/memory.ts';
import type { TickRecord } from '../../../reconciler/loop/tick.ts';
import type { PolicyView } from '../../../reconciler/report/board.ts';
import { StatusWriter } from '../../../reconciler/report/status.ts';
import { tickOf } from '../../support/tick.ts';

const T0 = 1_700_000_000_000;

function harness(stored: Record<string, string> = {}) {
  const state = {
    now: T0,
    fail: false,
    /** Writes wait until they are let go. */
    slow: false,
    /** After so many writes they hang until they are aborted. */
    hangAfter: Number.POSITIVE_INFINITY,
    waiting: [] as (() => void)[],
    problems: [] as string[],
    damages: [] as string[],
    writes: [] as [string, Record<string, unknown>][],
  };
  const unlessFailing = (): void => {
    if (state.fail) throw Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  };
  const statuses = {
    find: async (name: string) => {
      unlessFailing();
      const text = stored[name];
      return text === undefined ? undefined : { name, text, type: 'String' as const, version: 1, modified: T0 };
    },
    put: async (name: string, text: string, _options: object, signal?: AbortSignal) => {
      unlessFailing();
      if (state.slow) await new Promise<void>((resolve) => state.waiting.push(resolve));
      if (state.writes.length >= state.hangAfter)
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))));
      return state.writes.push([name, JSON.parse(text)]);
    },
  };
  const writer = new StatusWriter({
    statuses,
    interval: 30_000,
    now: () => state.now,
    onProblem: (_name, message) => state.problems.push(message),
    onDamage: (_name, damage) => state.damages.push(damage),
  });
  return { state, writer };
}

const view = (name: string, last: TickRecord): PolicyView => ({ name, generation: 1, last });
const counts = (visible: number, after: Memory = emptyMemory()): TickRecord => tickOf({ visible, after });
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('nothing is written before what is stored was read', async () => {
  const { state, writer } = harness();
  writer.update(view('a', counts(1)));
  await settle();
  assert.equal(state.writes.length, 0);
  await writer.read('a');
  writer.update(view('a', counts(1)));
  await settle();
  assert.equal(state.writes.length, 1);
});

test('counts that change are written once in the interval, the newest; a scale time at once', async () => {
  const { state, writer } = harness();
  await writer.read('a');
  for (let visible = 1; visible <= 5; visible++) {
    writer.update(view('a', counts(visible)));
    await settle();
  }
  assert.equal(state.writes.length, 1);
  state.now += 30_000;
  writer.update(view('a', counts(6)));
  await settle();
  assert.equal(state.writes.length, 2);
  assert.equal((state.writes[1]![1].queue as { visible: number }).visible, 6);
  state.now += 1;
  writer.update(view('a', counts(7, { ...emptyMemory(), lastScaleUp: { at: state.now, from: 1, to: 2 } })));
  await settle();
  assert.equal(state.writes.length, 3);
  assert.deepEqual((state.writes[2]![1].lastScaleUp as { to: number }).to, 2);
});

test('a failed write is told once and made up for', async () => {
  const { state, writer } = harness();
  await writer.read('a');
  state.fail = true;
  for (let i = 0; i < 3; i++) {
    writer.update(view('a', counts(i)));
    await settle();
    state.now += 30_000;
  }
  assert.equal(state.problems.length, 1);
  state.fail = false;
  await writer.flush(10_000);
  assert.equal((state.writes.at(-1)![1].queue as { visible: number }).visible, 2);
});

test('a status that could not be read at first is read again, and only then written', async () => {
  const { state, writer } = harness();
  state.fail = true;
  await assert.rejects(writer.read('a'), /Rate exceeded/);
  writer.readLater('a');
  state.fail = false;
  writer.update(view('a', counts(1)));
  await settle();
  assert.equal(state.writes.length, 0);
  state.now += 60_000;
  writer.update(view('a', counts(2)));
  await settle();
  await settle();
  writer.update(view('a', counts(3)));
  await settle();
  assert.equal(state.writes.length, 1);
});

test('experiments of an earlier process are never written over by one that could not read them', async () => {
  const run = { id: 'r', experiment: 'x', fault: 'drain', phase: 'active', startedAt: '2026-01-01T00:00:00Z' };
  const running = { conditions: [], experiments: [run], observedGeneration: 1 };
  const { state, writer } = harness({ a: JSON.stringify(running) });
  state.fail = true;
  await assert.rejects(writer.read('a'), /Rate exceeded/);
  writer.readLater('a');
  state.fail = false;
  for (let i = 0; i < 3; i++) {
    state.now += 60_000;
    writer.update(view('a', counts(i)));
    await settle();
    await settle();
  }
  assert.equal(state.writes.length, 0);
  assert.match(state.problems.join(), /its status holds experiments of an earlier process/);
  await assert.rejects(writer.writeNow(view('a', counts(1))), /was not read yet/);
});

test('a status that holds nothing new is not written', async () => {
  const { state, writer } = harness();
  await writer.read('a');
  for (let i = 0; i < 3; i++) {
    writer.update(view('a', counts(1)));
    await settle();
    state.now += 60_000;
  }
  assert.equal(state.writes.length, 1);
});

test('a damaged part of a stored status is told, and the rest is used', async () => {
  const scale = { at: new Date(T0).toISOString(), from: 3, to: 2 };
  const { state, writer } = harness({
    a: JSON.stringify({ lastScaleDown: scale, conditions: [null], experiments: [] }),
  });
  const stored = await writer.read('a');
  assert.deepEqual(stored?.lastScaleDown, scale);
  assert.ok(state.damages.length > 0, 'the damage was told');
});

test('at the end the urgent ones are written first, and what is left is named', async () => {
  const { state, writer } = harness();
  const names = Array.from({ length: 6 }, (_, i) => `p${i}`);
  for (const name of names) {
    await writer.read(name);
    writer.update(view(name, counts(1)));
  }
  await settle();
  state.writes.length = 0;
  const scaled = { ...emptyMemory(), lastScaleDown: { at: T0, from: 3, to: 2 } };
  for (const name of names) writer.update(view(name, counts(2, name === 'p4' ? scaled : emptyMemory())));
  state.hangAfter = 3;
  const unwritten = await writer.flush(20);
  assert.deepEqual(
    state.writes.map(([name]) => name),
    ['p4', 'p0', 'p1'],
  );
  assert.deepEqual(unwritten, ['p2', 'p3', 'p5']);
});

test('an intent is written after what is under way, and nothing older after it', async () => {
  const { state, writer } = harness();
  await writer.read('a');
  state.slow = true;
  writer.update(view('a', counts(1)));
  await settle();
  const intent = writer.writeNow(view('a', counts(2)));
  await settle();
  assert.equal(state.waiting.length, 1, 'one write at a time');
  state.slow = false;
  for (const go of state.waiting.splice(0)) go();
  await intent;
  assert.deepEqual(
    state.writes.map(([, { queue }]) => queue),
    [counts(1), counts(2)].map(({ decision }) => {
      const { queue } = decision.observation;
      return queue.ok && { visible: queue.value.visible, inFlight: queue.value.inFlight, delayed: queue.value.delayed };
    }),
  );
});

test.run();
