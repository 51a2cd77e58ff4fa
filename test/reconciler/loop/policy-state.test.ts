/** The state machine of one policy: every event in every phase, then the paths through it that matter. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { emptyMemory } from '../../../policies/memory.ts';
import type { Memory } from '../../../policies/model/memory.ts';
import type { ChaosRequest } from '../../../policies/model/observation.ts';
import type { PolicyEvent } from '../../../reconciler/loop/policy-event.ts';
import {
  type Clock,
  type PolicyState,
  policyState,
  type StateEvent,
  type Todo,
  unknownPolicy,
} from '../../../reconciler/loop/policy-state.ts';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';
import { policyOf } from '../../support/policy.ts';
import { tickOf } from '../../support/tick.ts';

const at = 1_000_000;
const policy = policyOf({}, {}, 3);
const handsOver = chaosPolicy({ ...experiment({ type: 'drain' }), onShutdown: 'handOver' });
const calm: Memory = { ...emptyMemory(), failedTicks: 2 };
/** The memory of a policy whose experiment runs, as a real one has it. */
const busy = ((): Memory => {
  const lab = new Lab();
  lab.start(chaosPolicy(experiment({ type: 'drain', hold: '5m' })));
  lab.pass(15);
  lab.ask({ id: 'r1', experiment: 'x' });
  lab.pass(5);
  return lab.last.after;
})();
const request: ChaosRequest = { id: 'q', action: 'run', experiment: 'x', expiresAt: at + 60_000 };

const base = { ...unknownPolicy('jobs'), memory: calm };
const states = {
  unknown: unknownPolicy('jobs'),
  'inForce, first tick to come': { ...unknownPolicy('jobs'), phase: 'inForce', policy },
  inForce: { ...base, phase: 'inForce', policy },
  'inForce, ticking': { ...base, phase: 'inForce', policy, work: 'tick' },
  'inForce, backing off': { ...base, phase: 'inForce', policy, failures: 3, notBefore: at + 1 },
  'inForce, experiment': { ...base, phase: 'inForce', policy, memory: busy },
  'inForce, experiment, hands over': { ...base, phase: 'inForce', policy: handsOver, memory: busy },
  'inForce, unjudged experiment, hands over': {
    ...base,
    phase: 'inForce',
    policy: handsOver,
    memory: { ...busy, chaos: { ...busy.chaos!, resumed: true } },
  },
  'releasing, nothing known': { ...unknownPolicy('jobs'), phase: 'releasing', policy },
  'releasing, experiment': { ...base, phase: 'releasing', policy, memory: busy },
  'releasing, ticking': { ...base, phase: 'releasing', policy, memory: busy, work: 'tick' },
  gone: { ...base, phase: 'gone' },
  'stopping, ticking': { ...base, phase: 'stopping', policy, revert: true, memory: busy, work: 'tick' },
  'stopping, experiment': { ...base, phase: 'stopping', policy, revert: true, memory: busy },
  'stopping, handing over': { ...base, phase: 'stopping', policy, revert: false, memory: busy, work: 'handOver' },
  ended: { ...base, phase: 'ended' },
} satisfies Record<string, PolicyState>;

const changed = (change: PolicyEvent): StateEvent => ({ kind: 'changed', at, change });
const ticked = (after: Memory): StateEvent => ({ kind: 'ticked', at, record: tickOf({ after }), jitter: 0 });
const events = {
  applied: changed({ kind: 'applied', name: 'jobs', policy, text: '' }),
  refused: changed({ kind: 'refused', name: 'jobs', version: 4, problems: [], text: '', inForce: 3 }),
  deleted: changed({ kind: 'deleted', name: 'jobs' }),
  orphaned: changed({ kind: 'orphaned', name: 'jobs', policy }),
  requested: changed({ kind: 'requested', name: 'jobs', source: 'page', requests: [request] }),
  interval: { kind: 'due', at, clock: 'interval' },
  busy: { kind: 'due', at, clock: 'busy' },
  expiry: { kind: 'due', at, clock: 'expiry' },
  'restored, calm': { kind: 'restored', at, memory: emptyMemory() },
  'restored, experiment': { kind: 'restored', at, memory: busy },
  'ticked, calm': ticked(emptyMemory()),
  'ticked, experiment': ticked(busy),
  broke: { kind: 'broke', at, error: new Error('x'), jitter: 0 },
  handedOver: { kind: 'handedOver', at },
  stop: { kind: 'stop', at },
} satisfies Record<string, StateEvent>;

/** A state in words: its phase, its work, and what waits. */
const shown = ({ phase, work, again }: PolicyState): string =>
  [phase, ...(work === 'none' ? [] : [work]), ...(again ? ['again'] : [])].join('+');

function todoShown(todo: Todo): string {
  if (todo.kind === 'clock') return `clock ${todo.clock}`;
  if (todo.kind === 'tick') return todo.input.release ? 'release' : 'tick';
  if (todo.kind !== 'report') return todo.kind;
  return `report ${todo.event.kind === 'spec' ? todo.event.change.kind : todo.event.kind}`;
}

/** For each state: what each event leads to, as `state: things to do`. An event that is not named changes nothing. */
const TABLE: Record<keyof typeof states, Partial<Record<keyof typeof events, string>>> = {
  unknown: {
    applied: 'inForce+restore: report applied, clock interval, restore',
    refused: 'unknown: report refused',
    deleted: 'gone: clock expiry, report deleted',
    orphaned: 'releasing+restore: report orphaned, clock busy, restore',
    requested: 'unknown: ',
    stop: 'ended: end',
  },
  'inForce, first tick to come': {
    applied: 'inForce+restore: report applied, clock interval, restore',
    refused: 'inForce: report refused',
    deleted: 'releasing+restore: clock busy, restore',
    requested: 'inForce+restore: clock interval, restore',
    interval: 'inForce+restore: restore',
    'restored, calm': 'inForce+tick: tick',
    'restored, experiment': 'inForce+tick: tick',
    broke: 'inForce: report broken',
    stop: 'ended: end',
  },
  inForce: {
    applied: 'inForce+tick: report applied, clock interval, tick',
    refused: 'inForce: report refused',
    deleted: 'gone: clock expiry, report deleted',
    requested: 'inForce+tick: clock interval, tick',
    interval: 'inForce+tick: tick',
    'ticked, calm': 'inForce: report tick',
    'ticked, experiment': 'inForce: report tick',
    broke: 'inForce: report broken',
    stop: 'ended: end',
  },
  'inForce, ticking': {
    applied: 'inForce+tick+again: report applied, clock interval',
    refused: 'inForce+tick: report refused',
    deleted: 'releasing+tick+again: clock busy',
    requested: 'inForce+tick+again: clock interval',
    'ticked, calm': 'inForce: report tick',
    'ticked, experiment': 'inForce: report tick',
    broke: 'inForce: report broken',
    stop: 'stopping+tick+again: clock busy',
  },
  'inForce, backing off': {
    applied: 'inForce+tick: report applied, clock interval, tick',
    refused: 'inForce: report refused',
    deleted: 'gone: clock expiry, report deleted',
    requested: 'inForce+tick: clock interval, tick',
    interval: 'inForce: ',
    'ticked, calm': 'inForce: report tick',
    'ticked, experiment': 'inForce: report tick',
    broke: 'inForce: report broken',
    stop: 'ended: end',
  },
  'inForce, experiment': {
    applied: 'inForce+tick: report applied, clock interval, tick',
    refused: 'inForce: report refused',
    deleted: 'releasing+tick: clock busy, release',
    requested: 'inForce+tick: clock interval, tick',
    interval: 'inForce+tick: tick',
    busy: 'inForce+tick: tick',
    'ticked, calm': 'inForce: report tick',
    'ticked, experiment': 'inForce: report tick',
    broke: 'inForce: report broken',
    stop: 'stopping+tick: clock busy, release',
  },
  'inForce, experiment, hands over': {
    stop: 'stopping+handOver: clock none, handOver',
  },
  'inForce, unjudged experiment, hands over': {
    stop: 'ended: end',
  },
  'releasing, nothing known': {
    applied: 'inForce+restore: report applied, clock interval, restore',
    refused: 'releasing: report refused',
    busy: 'releasing+restore: restore',
    'restored, calm': 'gone: clock expiry, report deleted',
    'restored, experiment': 'releasing+tick: release',
    broke: 'releasing: report broken',
    stop: 'ended: end',
  },
  'releasing, experiment': {
    applied: 'inForce+tick: report applied, clock interval, tick',
    refused: 'releasing: report refused',
    busy: 'releasing+tick: release',
    'ticked, calm': 'gone: report tick, clock expiry, report deleted',
    'ticked, experiment': 'releasing: report tick',
    broke: 'releasing: report broken',
    stop: 'stopping+tick: clock busy, release',
  },
  'releasing, ticking': {
    applied: 'inForce+tick+again: report applied, clock interval',
    refused: 'releasing+tick: report refused',
    busy: 'releasing+tick+again: ',
    'ticked, calm': 'gone: report tick, clock expiry, report deleted',
    'ticked, experiment': 'releasing: report tick',
    broke: 'releasing: report broken',
    stop: 'stopping+tick+again: clock busy',
  },
  gone: {
    applied: 'inForce+tick: report applied, clock interval, tick',
    refused: 'gone: report refused',
    deleted: 'gone: clock expiry, report deleted',
    expiry: 'unknown: ',
    stop: 'ended: end',
  },
  'stopping, ticking': {
    busy: 'stopping+tick+again: ',
    'ticked, calm': 'ended: report tick, end',
    'ticked, experiment': 'stopping: report tick',
    broke: 'stopping: report broken',
  },
  'stopping, experiment': {
    busy: 'stopping+tick: release',
    'restored, calm': 'ended: end',
    'ticked, calm': 'ended: report tick, end',
    'ticked, experiment': 'stopping: report tick',
    broke: 'stopping: report broken',
  },
  'stopping, handing over': {
    handedOver: 'ended: end',
  },
  ended: {},
};

const CLOCKS: Record<PolicyState['phase'], Clock[]> = {
  unknown: [],
  inForce: ['interval', 'busy'],
  releasing: ['busy'],
  gone: ['expiry'],
  stopping: ['busy'],
  ended: ['interval', 'busy', 'expiry'],
};

for (const [name, row] of Object.entries(TABLE))
  test(`in the state "${name}"`, () => {
    const state: PolicyState = states[name as keyof typeof states];
    for (const [kind, event] of Object.entries(events)) {
      const expected = row[kind as keyof typeof events];
      // Results come only of work that is under way, and a clock rings only in the phase that has set it.
      const result = /^(restored|ticked|broke|handedOver)/.test(kind) && expected === undefined;
      if (result || (event.kind === 'due' && !CLOCKS[state.phase].includes(event.clock))) continue;
      // Two rows differ from others by one event only, and name just that.
      if (expected === undefined && Object.keys(row).length === 1) continue;
      const { state: next, todo } = policyState(state, event);
      assert.equal(
        `${shown(next)}: ${todo.map(todoShown).join(', ')}`,
        expected ?? `${shown(state)}: `,
        `${name}, on ${kind}`,
      );
    }
  });

test('any 2,000 sequences of events keep the rules: no overlap, no scaling once gone, an end that is final', () => {
  const names = Object.keys(events) as (keyof typeof events)[];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 40 }), (sequence) => {
      let state: PolicyState = unknownPolicy('jobs');
      let ended = false;
      for (const [i, name] of sequence.entries()) {
        const event = { ...events[name], at: at + i * 1_000 };
        // Only work that is under way has a result.
        const result = { restored: 'restore', ticked: 'tick', handedOver: 'handOver' }[event.kind as string];
        if (result !== undefined && state.work !== result) continue;
        if (event.kind === 'broke' && state.work !== 'restore' && state.work !== 'tick') continue;
        if (event.kind === 'due' && !CLOCKS[state.phase].includes(event.clock)) continue;
        const before = state;
        const step = policyState(state, event);
        state = step.state;
        const works = step.todo.filter((t) => t.kind === 'restore' || t.kind === 'tick' || t.kind === 'handOver');
        const finished = result !== undefined || event.kind === 'broke';
        assert.ok(works.length <= 1 && (works.length === 0 || before.work === 'none' || finished), 'no overlap');
        assert.equal(
          state.work === 'none',
          works.length === 0 && (before.work === 'none' || finished || state.phase === 'ended'),
        );
        for (const todo of works)
          if (todo.kind === 'tick') assert.equal(todo.input.release, state.phase !== 'inForce', 'scales only in force');
        if (ended) assert.deepEqual(step.todo, []);
        ended ||= step.todo.some((t) => t.kind === 'end');
        assert.equal(ended, state.phase === 'ended');
      }
    }),
    { numRuns: 2_000 },
  );
});

/** Plays events from a state on, each a millisecond after the other unless it says when. */
function play(state: PolicyState, ...given: StateEvent[]): PolicyState {
  return given.reduce((before, event) => policyState(before, event).state, state);
}

test('an edit that comes during a tick is ticked next, with the new version', () => {
  const edited = policyOf({}, {}, 4);
  const edit = changed({ kind: 'applied', name: 'jobs', policy: edited, text: '' });
  const { todo } = policyState(play(states['inForce, ticking'], edit), ticked(calm));
  const last = todo.at(-1);
  assert.ok(last?.kind === 'tick');
  assert.equal(last.input.policy.metadata.generation, 4);
});

test('a first failure is tried again soon, a further one waits for its back-off', () => {
  const failing = ticked({ ...emptyMemory(), failedTicks: 1 });
  const clocks = (state: PolicyState, event: StateEvent): Clock[] =>
    policyState(state, event).todo.flatMap((todo) => (todo.kind === 'clock' ? [todo.clock] : []));
  const ticking = states['inForce, ticking'];
  assert.deepEqual(clocks(ticking, failing), ['retry']);
  assert.deepEqual(clocks({ ...ticking, failures: 1 }, failing), []);
  assert.deepEqual(clocks(ticking, ticked(emptyMemory())), []);
  assert.ok(!clocks(states['releasing, ticking'], failing).includes('retry'), 'a released policy has its own clock');
});

test('two failures in a row start a back-off, which an edit ends', () => {
  const failing = ticked({ ...emptyMemory(), failedTicks: 1 });
  const once = play(states['inForce, ticking'], failing);
  assert.equal(once.notBefore, Number.NEGATIVE_INFINITY);
  const twice = play(once, failing);
  assert.equal(twice.notBefore, at + 2 * policy.spec.interval);
  assert.equal(play(twice, events.applied).notBefore, Number.NEGATIVE_INFINITY);
});

test('a policy that returns within ten minutes goes on with its memory; later it starts anew', () => {
  const window: Memory['window'] = [[at, 7]];
  const gone = play({ ...states.inForce, memory: { ...calm, window } }, events.deleted);
  const back = policyState(gone, events.applied).todo.find((todo) => todo.kind === 'tick');
  assert.deepEqual(back?.input.memory.window, window);
  assert.equal(back?.input.memory.failedTicks, 0, 'failures of before say nothing about now');
  const expired = policyState(play(gone, events.expiry), events.applied).todo;
  assert.ok(expired.some((todo) => todo.kind === 'restore'));
});

test('requests of the parameter and of the page are both carried into the tick, and survive a deletion', () => {
  const other = { ...request, id: 'p' };
  const fromParameter = changed({ kind: 'requested', name: 'jobs', source: 'parameter', requests: [other] });
  const state = play(states.unknown, events.requested, fromParameter, events.applied, events.deleted);
  const { todo } = policyState(
    play(states.inForce, events.requested, ticked(calm), fromParameter, ticked(calm)),
    events.interval,
  );
  const tick = todo.find((t) => t.kind === 'tick');
  assert.deepEqual(
    tick?.input.requests.map((r) => r.id),
    ['p', 'q'],
  );
  assert.deepEqual(state.requests, { parameter: [other], page: [request] });
});

test('a clock that was silent for far longer than its interval is reported, and only then', () => {
  const { interval } = policy.spec;
  const due = (state: PolicyState, later: number) =>
    policyState({ ...state, work: 'none' }, { kind: 'due', clock: 'interval', at: at + later });
  const started = play(states['inForce, first tick to come'], events.applied);
  const late = due(started, 2 * interval + 5_000);
  assert.deepEqual(late.todo.map(todoShown), ['restore'], 'a busy machine may be late');
  const frozen = due(late.state, 2 * interval + 5_000 + 60_000);
  assert.deepEqual(frozen.todo.map(todoShown), ['report gap', 'restore']);
  const [first] = frozen.todo;
  assert.ok(first?.kind === 'report' && first.event.kind === 'gap');
  assert.equal(first.event.until - first.event.since, 60_000);
  assert.deepEqual(due(frozen.state, 3 * interval + 65_000).todo.map(todoShown), ['restore'], 'once');
});

test('a release asks for the end of every experiment, and says on whose behalf', () => {
  const by = (state: PolicyState, event: StateEvent): string | undefined => {
    const tick = policyState(state, event).todo.find((todo) => todo.kind === 'tick');
    return tick?.input.requests.map((r) => `${r.action} by ${r.by}`).join();
  };
  assert.equal(by(states['inForce, experiment'], events.deleted), 'stop by the policy was deleted');
  assert.equal(by(states['inForce, experiment'], events.stop), 'stop by shutdown');
});

test('what is handed over is marked, so that the next process goes on with it', () => {
  const { todo } = policyState(states['inForce, experiment, hands over'], events.stop);
  const last = todo.at(-1);
  assert.ok(last?.kind === 'handOver');
  assert.deepEqual(
    last.memory.chaos?.runs.map((r) => r.handedOver),
    [true],
  );
});

test.run();
