import { formatDuration } from '../../grammar/duration.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import type { Run } from '../../model/run.ts';
import { timeToRecover } from '../run.ts';

/**
 * Ends a recovering run with its verdict, once the service is steady and the backlog is what it was, give or take one
 * message for each worker; or once that took too long. Changes `run`.
 */
export function judge(run: Run, seen: Observation, now: Instant, isFaultRecovered: boolean): void {
  if (isFaultRecovered && isRecovered(run, seen)) run.recoveredAt = now;
  const tooLate = now - (run.endedAt ?? now) > run.hypothesis.recoversWithin;
  if (run.recoveredAt === undefined && !tooLate) return;
  run.phase = 'ended';
  const broken = brokenHypothesis(run);
  run.verdict = broken.length > 0 ? 'failed' : 'passed';
  run.because = broken.length > 0 ? broken.join('; ') : praise(run);
}

function isRecovered(run: Run, { queue, service }: Observation): boolean {
  if (!service.ok || !queue.ok) return false;
  const { desired, running, pending, deploying } = service.value;
  const steady = running === desired && pending === 0 && !deploying;
  return steady && queue.value.visible <= run.before.visible + desired;
}

function praise(run: Run): string {
  const { peak } = run;
  const took = formatDuration(Math.round((timeToRecover(run) ?? 0) * 1_000));
  const oldest = peak.age === undefined ? '' : `, the oldest ${formatDuration(peak.age * 1_000)}`;
  return `recovered in ${took}; at most ${peak.visible} messages visible${oldest}`;
}

function brokenHypothesis({ hypothesis, endedAt = 0, recoveredAt, peak }: Run): string[] {
  const { recoversWithin, maxOldestAge, maxVisible } = hypothesis;
  const broken: string[] = [];
  if (recoveredAt === undefined || recoveredAt - endedAt > recoversWithin)
    broken.push(`not recovered within ${formatDuration(recoversWithin)}`);
  if (maxVisible !== undefined && peak.visible > maxVisible)
    broken.push(`${peak.visible} messages were visible (expected at most ${maxVisible})`);
  if (maxOldestAge !== undefined && peak.age !== undefined && peak.age * 1_000 > maxOldestAge)
    broken.push(
      `the oldest message was ${formatDuration(peak.age * 1_000)} old (expected at most ${formatDuration(maxOldestAge)})`,
    );
  return broken;
}
