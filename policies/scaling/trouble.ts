/** Tells whether a service's tasks do not start or do not stay up, so that more of them would not help. */
import type { FailedStarts, Instant, Observation, ServiceState } from '../model/observation.ts';

export interface StartTrouble {
  kind: 'crashLoop' | 'noCapacity';
  since: Instant;
  /** ECS's own reason, as the rest of a sentence. */
  because: string;
}

/** Failures in a row that make a crash loop; ECS's own throttle and circuit breaker begin at three too. */
const SEVERAL = 3;

/**
 * Returns the trouble that the observation shows. Only what ECS says counts: readings that failed, or that are of another
 * deployment, say nothing. A task that lives longer than those that failed ends a crash loop.
 */
export function startTroubleOf({ failedStarts }: Observation, service: ServiceState): StartTrouble | undefined {
  const { deployment, desired, running, trouble, failedTasks = 0, deployingSince } = service;
  const failed = failedStarts?.ok ? failedStarts.value : undefined;
  if (failed && failed.deployment === deployment && failed.count >= SEVERAL && failed.survivors === 0)
    return { kind: 'crashLoop', since: failed.since, because: crashText(failed) };
  if (running >= desired) return undefined;
  if (trouble) {
    const kind = trouble.kind === 'placement' ? 'noCapacity' : 'crashLoop';
    return { kind, since: trouble.since, because: `ECS says: ${trouble.message}` };
  }
  if (failedTasks >= SEVERAL && deployingSince !== undefined)
    return {
      kind: 'crashLoop',
      since: deployingSince,
      because: `ECS could not start ${failedTasks} tasks in a row in this deployment`,
    };
  return undefined;
}

/** Characters of a printed line: the sentence has to fit a condition of the status. */
const LONGEST_LINE = 80;

function printed(line: string | undefined): string {
  if (line === undefined) return '';
  return `; its last line: ${line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 3)}...` : line}`;
}

function crashText({ count, last }: FailedStarts): string {
  const { task, reason, exitCode, livedSeconds, lastLines } = last;
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  const how = livedSeconds === undefined ? 'did not start' : `ended ${livedSeconds} s after its start${code}`;
  return `${count} tasks failed soon after their start; the last one, ${task.slice(0, 8)}, ${how} (${reason})${printed(lastLines?.at(-1))}`;
}
