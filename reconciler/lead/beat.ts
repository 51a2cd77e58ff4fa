import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { asyncScheduler, EMPTY, exhaustMap, type SchedulerLike, switchMap, timer } from 'rxjs';
import type { Instant } from '../../policies/model/observation.ts';
import { classify } from '../aws/errors.ts';
import { RETRIES_BY_ITSELF } from '../text/words.ts';
import type { HeartbeatStore } from './heartbeat-store.ts';
import { acts, type Leading, type Self } from './leadership.ts';

export interface BeatOptions {
  self: Self;
  store: Pick<HeartbeatStore, 'write'>;
  /** Milliseconds between two heartbeats. */
  every: number;
  log: Logger;
  /** Returns when the last tick of any policy started. */
  lastTick: () => Instant | undefined;
  scheduler?: SchedulerLike;
}

/** Returns the same leading, which keeps a heartbeat while this process leads, and ends it before it releases the lease. */
export function withHeartbeat(leading: Leading, options: BeatOptions): Leading {
  const { self, store, every, log, lastTick, scheduler = asyncScheduler } = options;
  let since = scheduler.now();
  let failing: string | undefined;
  const write = async (ended?: true): Promise<void> => {
    const beat = { ...self, since, every, lastTick: lastTick(), host: hostname(), pid: process.pid, ended };
    try {
      await store.write(beat);
      failing = undefined;
    } catch (error) {
      const { code, message: problem, hint } = classify(error, 'ssm:PutParameter');
      const effect = 'scaling goes on; `sluice status` cannot tell whether this reconciler runs';
      if (failing !== code && code !== 'NotLeading')
        log.warn({ code, problem, effect, todo: hint ?? RETRIES_BY_ITSELF }, 'heartbeat not kept');
      failing = code;
    }
  };
  const beating = leading.role$
    .pipe(
      switchMap((role) => {
        if (!acts(role)) return EMPTY;
        since = scheduler.now();
        return timer(0, every, scheduler).pipe(exhaustMap(() => write()));
      }),
    )
    .subscribe();
  return {
    ...leading,
    async release() {
      beating.unsubscribe();
      if (leading.mayWrite()) await write(true);
      await leading.release();
    },
  };
}
