/** Leads a prefix without a lease table: acts alone, tells of itself by the heartbeat, and stands down for an older process. */
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import {
  asyncScheduler,
  distinctUntilChanged,
  exhaustMap,
  ReplaySubject,
  type SchedulerLike,
  type Subscription,
  timer,
} from 'rxjs';
import type { Instant } from '../../policies/model/observation.ts';
import { classify } from '../aws/errors.ts';
import { RETRIES_BY_ITSELF } from '../text/words.ts';
import type { Heartbeat } from './heartbeat.ts';
import type { HeartbeatStore } from './heartbeat-store.ts';
import type { Leader, Leading, Role, Self } from './leadership.ts';
import { newcomer, type SoleEvent, type SoleState, sole } from './sole.ts';

export interface HeartbeatOptions {
  self: Self;
  store: HeartbeatStore;
  /** Milliseconds between two heartbeats. */
  every: number;
  log: Logger;
  /** Returns when the last tick of any policy started. */
  lastTick: () => Instant | undefined;
  scheduler?: SchedulerLike;
  /** Milliseconds of a clock that is never set. */
  steady?: () => number;
  /** Returns whether a process of this machine runs. */
  runs?: (pid: number) => boolean;
}

/** The meaning of a failed call to the heartbeat parameter. */
const EFFECT =
  'scaling goes on; `sluice status` cannot tell whether this reconciler runs, and a second one is not noticed';

/** Starts the guard. It has no role until its first look has ended; a look that fails does not keep it from acting. */
export function leadByHeartbeat(options: HeartbeatOptions): Leading {
  const { self, store, every, log, lastTick, scheduler = asyncScheduler } = options;
  const { steady = () => performance.now(), runs = isRunning } = options;
  const since = scheduler.now();
  const role$ = new ReplaySubject<Role>(1);
  let state: SoleState = newcomer(self.session);
  let leader: Leader | undefined;
  let failing: string | undefined;

  const role = (): Role => (state.acting ? 'single' : 'standby');
  const step = (event: SoleEvent): void => {
    state = sole(state, event);
    role$.next(role());
  };
  const beat = (): Heartbeat => ({
    ...self,
    ...{ since, every, lastTick: lastTick(), first: state.first, host: hostname(), pid: process.pid },
  });
  const failed = (error: unknown, action: string): void => {
    const { code, message: problem, hint } = classify(error, action);
    if (failing !== code)
      log.warn({ code, problem, effect: EFFECT, todo: hint ?? RETRIES_BY_ITSELF }, 'heartbeat not kept');
    failing = code;
  };
  const cycle = async (): Promise<void> => {
    const before = state;
    try {
      const found = await store.read();
      const other = found?.beat;
      const gone = other !== undefined && other.host === hostname() && !runs(other.pid);
      step({ kind: 'read', found, gone, at: steady() });
      const { seen, acting } = state;
      if (other && !acting) {
        if (leader?.id !== other.id) warnOfStandby(log, before.acting, other);
        if (leader?.id !== other.id || seen?.version !== before.seen?.version)
          leader = { id: other.id, since: other.since, version: other.version, lastSeen: scheduler.now() };
      }
    } catch (error) {
      failed(error, 'ssm:GetParameter');
      // Without a look nothing is known of others: that is a reason to begin, and none to stand down or to take over.
      if (!leader && !before.acting) step({ kind: 'read', found: undefined, gone: false, at: steady() });
      return;
    }
    if (!state.acting) return;
    if (leader) log.info({ after: leader.id }, 'leading: the other reconciler is gone');
    leader = undefined;
    try {
      step({ kind: 'written', version: await store.write(beat()), at: steady() });
      failing = undefined;
    } catch (error) {
      failed(error, 'ssm:PutParameter');
    }
  };

  const running: Subscription = timer(0, every, scheduler).pipe(exhaustMap(cycle)).subscribe();
  return {
    role$: role$.pipe(distinctUntilChanged()),
    current: () => ({ id: self.id, role: role(), ...(leader ? { leader } : {}) }),
    mayWrite: () => state.acting,
    async release() {
      running.unsubscribe();
      // Only its own heartbeat is ended: another's is the sign of life of another.
      if (state.acting && state.first !== undefined)
        await store.write({ ...beat(), ended: true }).catch((error: unknown) => failed(error, 'ssm:PutParameter'));
      role$.complete();
    },
  };
}

function warnOfStandby(log: Logger, wasActing: boolean, { id, since, host }: Heartbeat): void {
  log.warn(
    {
      holder: id,
      host,
      effect: wasActing
        ? 'this reconciler was started later and has stopped acting: it watches, and writes nothing'
        : 'this reconciler watches and writes nothing until the other one is gone',
      todo: 'end one of the two; to run two on purpose, give both a lease table (--lease-table) or prefixes of their own',
    },
    `standby: ${id} leads since ${new Date(since).toISOString()}`,
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
