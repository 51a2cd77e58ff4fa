import { formatDuration } from '../grammar/duration.ts';
import type { ChaosMemory } from '../model/chaos.ts';
import type { Run } from '../model/run.ts';

/** Returns the seconds from the fault's first write to the first sight of its effect. */
export const timeToDetect = ({ injectedAt, effectSeenAt }: Run): number | undefined =>
  injectedAt === undefined || effectSeenAt === undefined ? undefined : seconds(effectSeenAt - injectedAt);

/** Returns the seconds from the fault's end to a steady service with its former backlog. */
export const timeToRecover = ({ endedAt, recoveredAt }: Run): number | undefined =>
  endedAt === undefined || recoveredAt === undefined ? undefined : seconds(recoveredAt - endedAt);

const seconds = (ms: number): number => Math.round(ms / 100) / 10;

/** Returns a phrase about the workers that outlasted the wait of a drain; undefined when none did. */
export function leftText({ left }: Run): string | undefined {
  if (!left) return undefined;
  const { workers, protected: guarded = 0 } = left;
  const after = `after ${formatDuration(Math.round(left.after / 1_000) * 1_000)}`;
  const were = workers === 1 ? 'worker was' : 'workers were';
  if (guarded === workers) return `${workers} protected ${were} still busy ${after}`;
  return `${workers} ${were} still running ${after}${guarded > 0 ? `, ${guarded} of them protected` : ''}`;
}

/** Returns the memory of a policy that never had an experiment. */
export const emptyChaos = (): ChaosMemory => ({ runs: [], recent: [], answers: [], due: {}, skipped: [] });

/** Returns true while the run's fault decides the service's count: on its way in, in place, and on its way out. */
export const isHolding = (run: Run): boolean =>
  run.holdsCount !== undefined && run.phase !== 'recovering' && run.phase !== 'ended';
