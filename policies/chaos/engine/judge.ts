import { formatDuration } from '../../grammar/duration.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import type { Inconclusive, Run, RunVerdict } from '../../model/run.ts';
import { leftText, timeToRecover } from '../run.ts';

/**
 * Ends a recovering run with its verdict, once the service is steady and the backlog is what it was, give or take one
 * message for each worker; or once that took too long. Changes `run`.
 */
export function judge(run: Run, seen: Observation, now: Instant, isFaultRecovered: boolean): void {
  if (isFaultRecovered && isRecovered(run, seen)) run.recoveredAt = now;
  const tooLate = now - (run.endedAt ?? now) > run.hypothesis.recoversWithin;
  if (run.recoveredAt === undefined && !tooLate) return;
  run.phase = 'ended';
  const { unseen } = run;
  const exceeded = brokenLimits(run);
  const late = lateRecovery(run);
  if (exceeded.length > 0) conclude(run, 'failed', [...late, ...exceeded].join('; '));
  else if (unseen !== undefined)
    inconclusive(run, 'unobserved', `nothing was seen for ${formatDuration(Math.round(unseen / 1_000) * 1_000)}`);
  else if (late.length > 0) conclude(run, 'failed', late.join('; '));
  else if (run.idle)
    inconclusive(run, 'noMessages', 'no message came while the queue was cut off: the run shows nothing');
  else conclude(run, 'passed', praise(run));
}

function conclude(run: Run, verdict: RunVerdict, because: string): void {
  run.verdict = verdict;
  run.because = because;
}

function inconclusive(run: Run, reason: Inconclusive, because: string): void {
  run.reason = reason;
  conclude(run, 'inconclusive', because);
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
  const left = leftText(run);
  const oldest = peak.age === undefined ? '' : `, the oldest ${formatDuration(peak.age * 1_000)}`;
  return `recovered in ${took}; at most ${peak.visible} messages visible${oldest}${left === undefined ? '' : `; ${left}`}`;
}

function lateRecovery({ hypothesis: { recoversWithin }, endedAt = 0, recoveredAt }: Run): string[] {
  const inTime = recoveredAt !== undefined && recoveredAt - endedAt <= recoversWithin;
  return inTime ? [] : [`not recovered within ${formatDuration(recoversWithin)}`];
}

/** Limits that were seen to be exceeded. Not seeing for a while cannot excuse them. */
function brokenLimits({ hypothesis: { maxOldestAge, maxVisible }, peak }: Run): string[] {
  const broken: string[] = [];
  if (maxVisible !== undefined && peak.visible > maxVisible)
    broken.push(`${peak.visible} messages were visible (expected at most ${maxVisible})`);
  if (maxOldestAge !== undefined && peak.age !== undefined && peak.age * 1_000 > maxOldestAge)
    broken.push(
      `the oldest message was ${formatDuration(peak.age * 1_000)} old (expected at most ${formatDuration(maxOldestAge)})`,
    );
  return broken;
}
