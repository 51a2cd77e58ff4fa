/** The loop on virtual time: a day passes in milliseconds. */
import assert from 'node:assert/strict';
import { concat, delay, EMPTY, from, mergeMap, NEVER, type Observable, of, Subject, throwError, timer } from 'rxjs';
import { test } from 'uvu';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { random } from '../../../policies/grammar/random.ts';
import { emptyMemory } from '../../../policies/memory.ts';
import type { Action, ActionResult } from '../../../policies/model/action.ts';
import type { ChaosMemory } from '../../../policies/model/chaos.ts';
import type { Memory } from '../../../policies/model/memory.ts';
import type { FailureClass, Observation } from '../../../policies/model/observation.ts';
import { reconcile } from '../../../reconciler/loop/pipeline.ts';
import { type PipelineEvent, policyNameOf } from '../../../reconciler/loop/pipeline-event.ts';
import type { PolicyEvent } from '../../../reconciler/loop/policy-event.ts';
import type { TickRecord } from '../../../reconciler/loop/tick.ts';
import { VirtualScheduler } from '../../../reconciler/loop/virtual-time.ts';
import type { World } from '../../../reconciler/loop/world.ts';
import { look, policyOf } from '../../support/policy.ts';

const HOUR = 3_600_000;

function named(
  name: string,
  spec: Parameters<typeof policyOf>[1] = {},
  scaling: Parameters<typeof policyOf>[0] = {},
  generation = 1,
): WorkerPolicy {
  const policy = policyOf(scaling, spec, generation);
  return { ...policy, metadata: { ...policy.metadata, name } };
}

const applied = (policy: WorkerPolicy): PolicyEvent => ({
  kind: 'applied',
  name: policy.metadata.name,
  policy,
  text: '',
});
const isTick = (e: PipelineEvent): e is TickRecord => e.kind === 'tick';

interface Rig {
  specs$: Observable<PolicyEvent>;
  world: World;
  until: number;
  restore?: (name: string) => Observable<Memory>;
  stop$?: Observable<unknown>;
}

/** Runs the loop to `until` (ms of virtual time) and gives back all events with their times. */
function play(rig: (scheduler: VirtualScheduler) => Rig): { at: number; event: PipelineEvent }[] {
  const scheduler = new VirtualScheduler();
  const { until, specs$, world, restore = () => of(emptyMemory()), stop$ = NEVER } = rig(scheduler);
  const events: { at: number; event: PipelineEvent }[] = [];
  const subscription = reconcile({ specs$, world, restore, stop$, scheduler, random: () => 0.5 }).subscribe((event) =>
    events.push({ at: scheduler.now(), event }),
  );
  scheduler.advanceTo(until);
  subscription.unsubscribe();
  return events;
}

/** A fleet that obeys at once, behind a queue of fixed depth. */
function obedient(
  scheduler: VirtualScheduler,
  visible: () => number,
  workers = new Map<string, number>(),
): World & { workers: Map<string, number> } {
  return {
    workers,
    observe: (policy) =>
      of(look({ at: scheduler.now(), visible: visible(), workers: workers.get(policy.metadata.name) ?? 2 })),
    act: (action, policy) => {
      if (action.kind === 'UpdateService') workers.set(policy.metadata.name, action.desiredCount);
      return of<ActionResult>({ action, outcome: 'applied' });
    },
  };
}

test('a tick at once, then one every interval, each with its record', () => {
  const events = play((s) => ({
    specs$: concat(of(applied(named('a'))), NEVER),
    world: obedient(s, () => 5),
    until: 60_000,
  }));
  assert.equal(events[0]?.event.kind, 'spec');
  const ticks = events.filter((e) => isTick(e.event)).map((e) => e.at);
  assert.equal(ticks[0], 0);
  assert.equal(ticks.length, 7);
  for (let i = 2; i < ticks.length; i++) assert.equal(ticks[i]! - ticks[i - 1]!, 10_000);
});

test('a defect in the readings of experiments costs no tick of the scaling rules', () => {
  const chaos: ChaosMemory = {
    runs: [],
    recent: [],
    answers: [],
    skipped: [],
    due: {},
    get lookedAt(): number {
      throw new Error('a defect');
    },
  };
  const experiment = { name: 'x', fault: { type: 'drain' as const }, trigger: { every: '1h' } };
  const events = play((s) => ({
    specs$: concat(of(applied(named('a', { chaos: { enabled: true, experiments: [experiment] } }))), NEVER),
    world: obedient(s, () => 100),
    restore: () => of({ ...emptyMemory(), chaos }),
    until: 60_000,
  }));
  const ticks = events.map(({ event }) => event).filter(isTick);
  assert.ok(ticks.length >= 6);
  assert.equal(ticks[0]!.decision.chaos?.failed, 'a defect');
  assert.ok(ticks[0]!.decision.desired! > 2, 'it scales');
});

test('an edit is answered at once, with its new interval', () => {
  const events = play((s) => ({
    specs$: concat(
      of(applied(named('a'))),
      timer(33_333, s).pipe(mergeMap(() => of(applied(named('a', { interval: '1s' }, {}, 2))))),
      NEVER,
    ),
    world: obedient(s, () => 5),
    until: 40_000,
  }));
  const after = events.filter((e) => isTick(e.event) && e.event.decision.generation === 2).map((e) => e.at);
  assert.equal(after[0], 33_333);
  assert.ok(after.length >= 7);
});

test('cooldowns hold across ticks: 60 s between two scale-ups', () => {
  const events = play((s) => ({
    specs$: concat(of(applied(named('a', { interval: '1s' }))), NEVER),
    world: obedient(s, () => 1_000),
    until: 10 * 60_000,
  }));
  const ups = events.filter((e) => isTick(e.event) && e.event.actions.length > 0).map((e) => e.at);
  assert.equal(ups.length, 10);
  for (let i = 1; i < ups.length; i++) assert.ok(ups[i]! - ups[i - 1]! >= 60_000);
});

test('a failed write starts no cooldown, and is tried again', () => {
  let refusals = 3;
  const events = play((s) => {
    const world = obedient(s, () => 1_000);
    return {
      specs$: concat(of(applied(named('a', { interval: '1s' }))), NEVER),
      world: {
        ...world,
        act: (action: Action, policy: WorkerPolicy) =>
          refusals-- > 0
            ? of<ActionResult>({ action, outcome: 'failed', code: 'Throttling', message: 'x' })
            : world.act(action, policy),
      },
      until: 30_000,
    };
  });
  const applied$ = events.filter((e) => isTick(e.event) && e.event.results.some((r) => r.outcome === 'applied'));
  assert.equal(applied$.length, 1);
  assert.ok(applied$[0]!.at < 10_000);
});

test('ticks of one policy never overlap, and a slow world loses ticks, not edits', () => {
  let inside = 0;
  let most = 0;
  const seen: number[] = [];
  play((s) => ({
    specs$: concat(
      of(applied(named('a', { interval: '1s' }))),
      timer(2_500, s).pipe(mergeMap(() => of(applied(named('a', { interval: '1s' }, {}, 2))))),
      NEVER,
    ),
    world: {
      observe: (policy) => {
        inside++;
        most = Math.max(most, inside);
        seen.push(policy.metadata.generation);
        return timer(3_700, s).pipe(
          mergeMap(() => {
            inside--;
            return of(look({ at: s.now(), visible: 5 }));
          }),
        );
      },
      act: (action) => of({ action, outcome: 'applied' as const }),
    },
    until: 20_000,
  }));
  assert.equal(most, 1);
  assert.deepEqual(seen.slice(0, 2), [1, 2], 'the edit that came during a tick is next');
});

test('observe mode and paused mode write nothing', () => {
  for (const mode of ['observe', 'paused'] as const) {
    let writes = 0;
    const events = play((s) => ({
      specs$: concat(of(applied(named('a', { mode }))), NEVER),
      world: {
        ...obedient(s, () => 1_000),
        act: (action) => of({ action, outcome: ++writes > 0 ? ('applied' as const) : ('skipped' as const) }),
      },
      until: 5 * 60_000,
    }));
    assert.equal(writes, 0);
    const first = events.map((e) => e.event).find(isTick)!;
    assert.deepEqual(
      first.results.map((r) => r.outcome),
      mode === 'observe' ? ['skipped'] : [],
    );
  }
});

test('a restart resumes its cooldown', () => {
  const events = play((s) => ({
    specs$: concat(of(applied(named('a', { interval: '1s' }))), NEVER),
    world: obedient(s, () => 1_000),
    restore: () => of({ ...emptyMemory(), lastScaleUp: { at: -20_000, from: 1, to: 2 } }),
    until: 60_000,
  }));
  const first = events.find((e) => isTick(e.event) && e.event.actions.length > 0)!;
  assert.ok(first.at >= 40_000 && first.at <= 41_000, `${first.at}`);
});

test('a restore that breaks is tried again, and is not an end', () => {
  let tries = 0;
  const events = play((s) => ({
    specs$: concat(of(applied(named('a', { interval: '1s' }))), NEVER),
    world: obedient(s, () => 5),
    restore: () => (++tries < 3 ? throwError(() => new Error('no')) : of(emptyMemory())),
    until: 30_000,
  }));
  assert.equal(events.filter((e) => e.event.kind === 'broken').length, 2);
  assert.ok(events.filter((e) => isTick(e.event)).length > 10);
});

test('a deleted policy is let go; made again, it starts anew', () => {
  const events = play((s) => ({
    specs$: concat(
      of(applied(named('a', { interval: '1s' }))),
      of<PolicyEvent>({ kind: 'deleted', name: 'a' }).pipe(delay(5_500, s)),
      of(applied(named('a', { interval: '1s' }, {}, 9))).pipe(delay(10_000, s)),
      NEVER,
    ),
    world: obedient(s, () => 1_000),
    until: 20_000,
  }));
  const ticks = events.filter((e) => isTick(e.event));
  assert.ok(ticks.every((e) => e.at <= 5_500 || e.at >= 15_500));
  assert.ok(ticks.some((e) => e.at >= 15_500));
});

test('stop: no new tick, the one under way finishes, the stream completes', () => {
  const stop$ = new Subject<void>();
  let completed = false;
  const scheduler = new VirtualScheduler();
  const ticks: number[] = [];
  reconcile({
    specs$: concat(of(applied(named('a', { interval: '1s' }))), NEVER),
    world: {
      observe: () => timer(700, scheduler).pipe(mergeMap(() => of(look({ at: scheduler.now(), visible: 5 })))),
      act: () => EMPTY,
    },
    restore: () => of(emptyMemory()),
    stop$,
    scheduler,
  }).subscribe({ next: (e) => isTick(e) && ticks.push(scheduler.now()), complete: () => (completed = true) });
  scheduler.at(3_500, () => stop$.next());
  scheduler.advanceTo(60_000);
  assert.equal(completed, true);
  assert.equal(ticks.length, 4);
  assert.equal(ticks.filter((at) => at > 3_500 && at < 4_200).length, 1);
});

test('a look that fails is repeated after 2 s, and the others keep their times', () => {
  const events = play((scheduler) => {
    const inner = obedient(scheduler, () => 0);
    let looks = 0;
    return {
      specs$: concat(of(applied(named('jobs', { interval: '10s' }))), NEVER),
      world: {
        ...inner,
        observe: (policy) => (++looks === 3 ? throwError(() => new Error('a hiccup')) : inner.observe(policy)),
      },
      until: 60_000,
    };
  });
  const times = events.filter(({ event }) => isTick(event)).map(({ at }) => at);
  const apart = times.slice(1).map((time, i) => (time - times[i]!) / 1_000);
  assert.deepEqual(apart.slice(1), [10, 2, 8, 10, 10, 10], times.join(', '));
});

test('what throws instead of failing is the trouble of its policy alone', () => {
  const chaos = { enabled: true, experiments: [{ name: 'x', fault: { type: 'drain' as const, hold: '5s' } }] };
  /** Memory that no parser would let through: reading it throws in the middle of a tick. */
  const damaged = { ...emptyMemory() };
  Object.defineProperty(damaged, 'chaos', { get: () => assert.fail('damaged'), enumerable: true });
  const thrown = (): never => {
    throw new Error('thrown');
  };
  const events = play((s) => {
    const world = obedient(s, () => 5);
    return {
      specs$: concat(from(['observe', 'restore', 'memory', 'fine'].map((n) => applied(named(n, { chaos })))), NEVER),
      world: { ...world, observe: (p) => (p.metadata.name === 'observe' ? thrown() : world.observe(p)) },
      restore: (name) => (name === 'restore' ? thrown() : of(name === 'memory' ? damaged : emptyMemory())),
      until: 10 * 60_000,
    };
  });
  const kinds = (name: string) => new Set(events.flatMap(({ event: e }) => (policyNameOf(e) === name ? [e.kind] : [])));
  assert.deepEqual(kinds('fine'), new Set(['spec', 'tick']));
  assert.deepEqual(kinds('restore'), new Set(['spec', 'broken']));
  assert.deepEqual(kinds('memory'), new Set(['spec', 'broken']));
  assert.deepEqual(kinds('observe'), new Set(['spec', 'tick']), 'a look that throws is a failed reading');
  assert.equal(events.filter(({ event: e }) => isTick(e) && e.decision.policy === 'fine').length, 61);
});

test('a policy whose world hangs ticks at its time limit, and the others do not notice', () => {
  const events = play((s) => {
    const world = obedient(s, () => 5);
    return {
      specs$: concat(from(['hangs', 'fine'].map((n) => applied(named(n)))), NEVER),
      world: { ...world, observe: (p) => (p.metadata.name === 'hangs' ? NEVER : world.observe(p)) },
      until: 10 * 60_000,
    };
  });
  const ticksOf = (name: string) => events.filter(({ event: e }) => isTick(e) && e.decision.policy === name).length;
  assert.equal(ticksOf('fine'), 61);
  assert.ok(ticksOf('hangs') >= 4, `${ticksOf('hangs')} ticks: a limit of 30 s, and back-offs of at most 2 min`);
});

/** Everything that can go wrong in one look or one write. */
const classes: FailureClass[] = ['transient', 'needsUser', 'terminal'];
function faulty(inner: World, scheduler: VirtualScheduler, next: () => number): World {
  const failing = (seen: Observation): Observation => {
    const failure = { class: classes[Math.floor(next() * 3)]!, code: 'Injected', message: 'fault' };
    const reading = { ok: false as const, at: scheduler.now(), failure };
    const which = next();
    return { ...seen, ...(which < 0.6 ? { queue: reading } : {}), ...(which > 0.4 ? { service: reading } : {}) };
  };
  return {
    observe: (policy) => {
      const roll = next();
      if (roll < 0.02) return throwError(() => new Error('looking broke'));
      if (roll < 0.04) return NEVER;
      if (roll < 0.05) return EMPTY;
      if (roll < 0.06) throw new Error('thrown and not emitted');
      return inner.observe(policy).pipe(mergeMap((seen) => of(roll < 0.15 ? failing(seen) : seen)));
    },
    act: (action, policy) => {
      const roll = next();
      if (roll < 0.05) return throwError(() => new Error('writing broke'));
      if (roll < 0.1) return of({ action, outcome: 'failed' as const, code: 'Injected', message: 'fault' });
      if (roll < 0.12) return NEVER;
      return inner.act(action, policy);
    },
  };
}

test('24 h of random faults in one of ten policies: the other nine never miss a tick', () => {
  const names = Array.from({ length: 10 }, (_, i) => `policy-${i}`);
  const until = 24 * HOUR;
  const next = random(42);
  let depth = 0;
  const events = play((s) => {
    const fine = obedient(s, () => (depth = (depth * 31 + 7) % 97));
    const broken = faulty(fine, s, next);
    return {
      specs$: concat(from(names.map((n) => applied(named(n)))), NEVER),
      world: {
        observe: (p) => (p.metadata.name === 'policy-3' ? broken.observe(p) : fine.observe(p)),
        act: (a, p) => (p.metadata.name === 'policy-3' ? broken.act(a, p) : fine.act(a, p)),
      },
      until,
    };
  });
  const ticksOf = (name: string) => events.filter(({ event }) => isTick(event) && event.decision.policy === name);
  for (const name of names.filter((n) => n !== 'policy-3')) {
    const at = ticksOf(name).map((e) => e.at);
    assert.ok(at.length >= 24 * 360, `${name} ticked ${at.length} times`);
    for (let i = 2; i < at.length; i++) assert.equal(at[i]! - at[i - 1]!, 10_000);
  }
  const troubled = ticksOf('policy-3');
  assert.ok(troubled.length > 4_000, `the broken one goes on too: ${troubled.length}`);
  for (const { event } of troubled) {
    const { observation } = (event as TickRecord).decision;
    if (!observation.queue.ok || !observation.service.ok)
      for (const a of (event as TickRecord).actions)
        assert.ok(a.kind === 'UpdateService' && a.desiredCount > a.from, 'never in on a failed read');
  }
});

test.run();
