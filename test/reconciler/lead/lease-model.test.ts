/**
 * A small model of the lease, explored exhaustively with the real reducer: two processes and one table, in every order of
 * their steps. Timers fire whenever they like, calls arrive and are answered as late as they like. A few times in each
 * history a reply is lost, a process crashes and starts anew, or is told to stop. Time is in units; only what has passed since
 * something matters, so that the states are finitely many.
 */
import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import { random } from '../../../policies/grammar/random.ts';
import {
  hasAuthority,
  type LeaseEvent,
  type LeaseItem,
  type LeaseState,
  type LeaseTodo,
  lease,
  timesOf,
  unheld,
} from '../../../reconciler/lead/lease.ts';

/** One fault is minutes of work: `LEASE_FAULTS=1` explores it. The walks below have many. */
const FAULTS = Number(process.env.LEASE_FAULTS ?? 0);
const LASTS = 3;
const { authority, patience } = timesOf(LASTS);
type Call = Exclude<LeaseTodo, { kind: 'wait' | 'end' }>;
type Answer = { kind: 'read'; item: LeaseItem | undefined } | { kind: 'written' } | { kind: 'refused' };

interface Process {
  state: LeaseState;
  /** The call that it waits for; the answer once the table has carried it out. */
  waiting: { call: Call; answer?: Answer } | undefined;
}

interface World {
  now: number;
  table: LeaseItem | undefined;
  processes: readonly Process[];
  /** Writes that nobody waits for any more, and that may still arrive. */
  late: readonly Call[];
  faults: number;
  /** Distinguishes nonces and sessions. */
  count: number;
}

function carryOut(table: LeaseItem | undefined, call: Call): { table: LeaseItem | undefined; answer: Answer } {
  if (call.kind === 'read') return { table, answer: { kind: 'read', item: table } };
  if (table?.nonce !== call.expected) return { table, answer: { kind: 'refused' } };
  return { table: call.kind === 'write' ? call.item : undefined, answer: { kind: 'written' } };
}

type Happening = Answer | { kind: 'due' | 'failed' | 'stop' };

function after(world: World, index: number, happening: Happening): World {
  const { now, count, processes } = world;
  const event = { ...happening, steady: now, spent: now, nonce: `n${count}`, wall: 0 } satisfies LeaseEvent;
  const process = processes[index]!;
  const { state, todo } = lease(process.state, event);
  let { waiting } = process;
  if (happening.kind !== 'stop' && happening.kind !== 'due') waiting = undefined;
  for (const thing of todo) {
    if (thing.kind !== 'wait' && thing.kind !== 'end') waiting = { call: thing };
  }
  return withProcess({ ...world, count: count + 1 }, index, { state, waiting });
}

const withProcess = (world: World, index: number, process: Process): World => ({
  ...world,
  processes: world.processes.map((p, i) => (i === index ? process : p)),
});

function born(world: World, index: number): World {
  const session = `s${world.count}`;
  const state = unheld({ id: session, session, version: '' }, LASTS);
  return after(withProcess(world, index, { state, waiting: undefined }), index, { kind: 'due' });
}

function* following(world: World): Generator<World> {
  const { now, table, processes, late, faults } = world;
  yield { ...world, now: now + 1 };
  for (const [i, { waiting, state }] of processes.entries()) {
    if (!waiting && !state.ended) yield after(world, i, { kind: 'due' });
    if (waiting?.answer) yield after(world, i, waiting.answer);
    else if (waiting) {
      const done = carryOut(table, waiting.call);
      const carried = { ...processes[i]!, waiting: { call: waiting.call, answer: done.answer } };
      yield withProcess({ ...world, table: done.table }, i, carried);
    }
    if (faults === 0) continue;
    const left = waiting && !waiting.answer && waiting.call.kind !== 'read' ? [...late, waiting.call] : late;
    const worse = { ...world, faults: faults - 1, late: left };
    if (waiting) yield after(worse, i, { kind: 'failed' });
    yield born(worse, i);
    if (!state.stopping && !state.ended) yield after({ ...world, faults: faults - 1 }, i, { kind: 'stop' });
  }
  for (const call of new Set(late))
    yield { ...world, table: carryOut(table, call).table, late: late.filter((c) => c !== call) };
}

/** Returns a text that two worlds share if the same may follow: with ages for times, and names by their first appearance. */
function keyOf({ now, table, processes, late, faults }: World): string {
  const names = new Map<string, number>();
  const named = (name: string): number => {
    const number = names.get(name) ?? names.size;
    names.set(name, number);
    return number;
  };
  const age = (at: number, most: number): number => Math.min(now - at, most);
  const item = (i: LeaseItem | undefined) => i && [named(i.nonce), named(i.session)];
  const call = (c: Call) =>
    c.kind === 'read' ? 0 : [c.kind, c.expected && named(c.expected), c.kind === 'write' ? item(c.item) : 0];
  return JSON.stringify([
    item(table),
    ...processes.map(({ state: s, waiting }) => [
      named(s.self.session),
      s.seen && [item(s.seen.item), age(s.seen.at, patience + 1)],
      Object.entries(s.sent).flatMap(([nonce, at]) => (now - at < authority ? [[named(nonce), now - at]] : [])),
      s.until === undefined || s.until <= now ? -1 : Math.ceil(s.until - now),
      ...[s.stopping, s.ended],
      waiting && [
        call(waiting.call),
        waiting.answer?.kind,
        waiting.answer?.kind === 'read' && item(waiting.answer.item),
      ],
    ]),
    late.map(call),
    faults,
  ]);
}

function start(faults: number): World {
  const empty: Process = { state: unheld({ id: '', session: '', version: '' }, LASTS), waiting: undefined };
  const world: World = { now: 0, table: undefined, processes: [empty, empty], late: [], faults, count: 0 };
  return born(born(world, 0), 1);
}

/** Visits every world that can follow, and returns how many there are. */
function explore(faults: number, check: (world: World) => void): number {
  const first = start(faults);
  const seen = new Set([keyOf(first)]);
  const open = [first];
  for (let world = open.pop(); world; world = open.pop()) {
    check(world);
    for (const next of following(world)) {
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return seen.size;
}

const actingIn = ({ processes, now }: World): number =>
  processes.filter(({ state }) => hasAuthority(state, { spent: now })).length;

test('in no order of steps do two processes have authority at once', () => {
  let acted = 0;
  const worlds = explore(FAULTS, (world) => {
    const acting = actingIn(world);
    assert.ok(acting <= 1, JSON.stringify(world, null, 1));
    acted = Math.max(acted, acting);
  });
  assert.equal(acted, 1, 'somebody leads at all');
  console.log(`${worlds} worlds`);
});

test('nor does it happen on long random walks with many faults', () => {
  let acted = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const chance = random(seed);
    let world = start(8);
    for (let step = 0; step < 200; step++) {
      const choices = [...following(world)];
      world = choices[Math.floor(chance() * choices.length)]!;
      const acting = actingIn(world);
      assert.ok(acting <= 1, `seed ${seed}: ${JSON.stringify(world, null, 1)}`);
      acted += acting;
    }
  }
  assert.ok(acted > 1_000, 'somebody leads at most times');
});

test.run();
