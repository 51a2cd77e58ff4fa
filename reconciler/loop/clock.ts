import { EMPTY, map, merge, type Observable, type SchedulerLike, timer } from 'rxjs';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { hash } from '../../policies/grammar/random.ts';
import { type Clock, KEPT_AFTER_DELETION_MS, type Ringing } from './policy-state.ts';

/** While an experiment runs, ticks are at most this many milliseconds apart: measurements are as exact as this. */
const BUSY_TICK_MS = 2_000;

/** A first failed tick is tried again after this many milliseconds, or a quarter of the interval if that is shorter. */
const RETRY_MS = 2_000;

/** Emits each time that a tick is due by a policy's clock, with the reason. */
export function ringing(clock: Clock, policy: WorkerPolicy | undefined, scheduler: SchedulerLike): Observable<Ringing> {
  const busy$ = timer(BUSY_TICK_MS, BUSY_TICK_MS, scheduler).pipe(map((): Ringing => 'busy'));
  switch (clock) {
    case 'interval':
      if (!policy) return EMPTY;
      return needsBusyTicks(policy) ? merge(grid(policy, scheduler), busy$) : grid(policy, scheduler);
    case 'retry': {
      const wait = Math.min(RETRY_MS, (policy?.spec.interval ?? RETRY_MS) / 4);
      const soon$ = timer(wait, scheduler).pipe(map((): Ringing => 'interval'));
      return merge(ringing('interval', policy, scheduler), soon$);
    }
    case 'busy':
      return busy$;
    case 'expiry':
      return timer(KEPT_AFTER_DELETION_MS, scheduler).pipe(map((): Ringing => 'expiry'));
    case 'none':
      return EMPTY;
  }
}

/** Every interval, offset by the policy's name, so that a thousand policies do not all tick at once. */
function grid({ metadata, spec: { interval } }: WorkerPolicy, scheduler: SchedulerLike): Observable<Ringing> {
  const phase = hash(metadata.name) % interval;
  const untilGrid = (((phase - scheduler.now()) % interval) + interval) % interval;
  return timer(untilGrid === 0 ? interval : untilGrid, interval, scheduler).pipe(map((): Ringing => 'interval'));
}

const needsBusyTicks = ({ spec }: WorkerPolicy): boolean =>
  spec.chaos.experiments.length > 0 && spec.interval > BUSY_TICK_MS;
