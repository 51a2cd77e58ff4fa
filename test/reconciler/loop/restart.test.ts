/** The loop over restarts, vanishing policies and slow reads: it removes no worker because of them. */
import assert from 'node:assert/strict';
import { concat, delay, NEVER, of } from 'rxjs';
import { test } from 'uvu';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { emptyMemory } from '../../../policies/memory.ts';
import type { Decision } from '../../../policies/model/decision.ts';
import { memoryFrom, parseStatus } from '../../../policies/restore.ts';
import { statusOf } from '../../../policies/status.ts';
import { reconcile } from '../../../reconciler/loop/pipeline.ts';
import type { PolicyEvent } from '../../../reconciler/loop/policy-event.ts';
import { VirtualScheduler } from '../../../reconciler/loop/virtual-time.ts';
import { look, policyOf, T0 } from '../../support/policy.ts';

const MINUTE = 60_000;
const WINDOW_MS = 5 * MINUTE;
const policy = policyOf({
  minWorkers: 1,
  maxWorkers: 50,
  strategies: [{ type: 'backlogPerWorker', target: 5 }],
  scaleUp: { cooldown: '0s' },
  scaleDown: { cooldown: '0s', stabilizationWindow: '5m' },
});
const applied: PolicyEvent = { kind: 'applied', name: 'jobs', policy, text: '' };

/** A queue that rises, stays and falls, again and again. */
const visibleAt = (at: number): number => (Math.floor((at - T0) / (3 * MINUTE)) % 3) * 70;

/** A fleet that obeys at once, its queue, and the status that is stored after each tick. */
class Rig {
  readonly scheduler = new VirtualScheduler(T0);
  /** How long one look takes. */
  lookMs = 0;
  workers = 4;
  status: string | undefined;
  /** The workers after each tick, by its time. */
  readonly course = new Map<number, number>();
  readonly decisions: Decision[] = [];

  /** Runs one process until `end`, with these changes of its policy. */
  run(end: number, specs$ = concat(of(applied), NEVER)): void {
    const running = reconcile({
      specs$,
      stop$: NEVER,
      scheduler: this.scheduler,
      restore: () => of(memoryFrom(parseStatus(this.status))),
      world: {
        observe: () => {
          const at = this.scheduler.now();
          const seen = of(look({ at, visible: visibleAt(at), workers: this.workers }));
          return this.lookMs > 0 ? seen.pipe(delay(this.lookMs, this.scheduler)) : seen;
        },
        act: (action) => {
          if (action.kind === 'UpdateService') this.workers = action.desiredCount;
          return of({ action, outcome: 'applied' as const });
        },
      },
    }).subscribe((event) => {
      if (event.kind !== 'tick') return;
      const now = this.scheduler.now();
      this.course.set(now, this.workers);
      this.decisions.push(event.decision);
      const previous = parseStatus(this.status);
      this.status = JSON.stringify(
        statusOf({ generation: 1, decision: event.decision, memory: event.after, previous, now }),
      );
    });
    this.scheduler.advanceTo(end);
    running.unsubscribe();
  }
}

test('at 40 moments of an hour: a restart removes no worker within its first window that the old process would have kept', () => {
  const whole = new Rig();
  whole.run(T0 + 60 * MINUTE + WINDOW_MS);
  assert.ok(new Set(whole.course.values()).size > 2, 'the fleet grows and shrinks');
  for (let i = 1; i <= 40; i++) {
    const restartAt = T0 + i * 87_000;
    const rig = new Rig();
    rig.run(restartAt);
    rig.run(restartAt + WINDOW_MS);
    for (const [at, workers] of rig.course) {
      const before = whole.course.get(at);
      if (at > restartAt && before !== undefined)
        assert.ok(
          workers >= before,
          `restart after ${i * 87} s, at ${(at - T0) / 1_000} s: ${workers} of ${before} workers`,
        );
    }
  }
});

test('a policy that vanishes and returns removes no worker at its return, however long it was gone', () => {
  for (const gone of [1_000, MINUTE, 9 * MINUTE]) {
    const rig = new Rig();
    rig.workers = 30;
    // Nothing waits, so that only what was learned keeps the workers.
    const returns = concat(
      of(applied),
      of<PolicyEvent>({ kind: 'deleted', name: 'jobs' }).pipe(delay(20_000, rig.scheduler)),
      of(applied).pipe(delay(gone, rig.scheduler)),
      NEVER,
    );
    rig.run(T0 + 20_000 + gone + MINUTE, returns);
    const back = T0 + 20_000 + gone;
    assert.equal(rig.course.get(back), rig.course.get(T0), `gone for ${gone / 1_000} s`);
  }
});

test('counts that were read 6 s ago remove no worker, and the decision says so', () => {
  const quick: WorkerPolicy = policyOf(
    { scaleDown: { stabilizationWindow: '0s', cooldown: '0s' } },
    { interval: '1s' },
  );
  const run = (lookMs: number): Rig => {
    const rig = new Rig();
    rig.lookMs = lookMs;
    rig.run(
      T0 + MINUTE,
      concat(of<PolicyEvent>({ ...applied, kind: 'applied', policy: quick, text: '', name: 'jobs' }), NEVER),
    );
    return rig;
  };
  const fresh = run(1_000);
  assert.ok(fresh.workers < 4, `fresh counts remove workers: ${fresh.decisions.at(-1)?.summary}`);
  const late = run(6_000);
  assert.equal(late.workers, 4);
  assert.ok(late.decisions.length >= 4, `${late.decisions.length} ticks`);
  for (const { summary } of late.decisions) assert.match(summary, /was last read 6s ago/);
});

test('a new policy has no past: nothing is restored that was not stored', () => {
  assert.deepEqual(memoryFrom(parseStatus(undefined)), emptyMemory());
});

test.run();
