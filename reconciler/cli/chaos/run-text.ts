import { leftText, timeToDetect, timeToRecover } from '../../../policies/chaos/run.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';
import type { Run } from '../../../policies/model/run.ts';
import { escapeStrings, escapeTerminal } from '../../text/escape-terminal.ts';
import { table } from '../../text/table.ts';
import { color } from '../../text/terminal.ts';
import { timeText } from '../../text/time.ts';
import { timeline } from './timeline.ts';
import { paintVerdict } from './verdict.ts';

/** Returns the report of one run for people. */
export function runText(policy: string, raw: Run): string {
  const run = escapeStrings(raw);
  const verdict = paintVerdict(run.verdict ?? run.phase);
  return [
    `${color.bold(run.experiment)} of ${escapeTerminal(policy)}, run ${run.id}: ${verdict}`,
    table(facts(run).flatMap(([name, text]) => (text === undefined ? [] : [[`  ${color.dim(name)}`, text]]))),
    `  ${color.dim('timeline')}`,
    table(timeline(run).map(([at, what]) => [`    +${at}`, what])),
  ].join('\n');
}

function facts(run: Run): [name: string, text: string | undefined][] {
  const started = `${timeText(run.startedAt)} (${run.trigger === 'request' ? 'on request' : 'on schedule'})`;
  return [
    ['why', run.because],
    ['fault', `${run.fault}: ${run.summary}`],
    ['started', started],
    ['detected', seconds('after', timeToDetect(run)) ?? (run.injectedAt ? 'no effect was seen' : undefined)],
    ['recovered', seconds('in', timeToRecover(run))],
    ['expected', expectation(run)],
    ['peak', peak(run)],
    ['left', leftText(run)],
    ['stopped', run.stopped === undefined ? undefined : `${run.stopped} ${run.stopped === 1 ? 'task' : 'tasks'}`],
    ['dead letters', run.deadLetters === undefined ? undefined : `${run.deadLetters} more than before`],
  ];
}

const seconds = (word: string, value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${word} ${value} s`;

function expectation({ hypothesis: { recoversWithin, maxOldestAge, maxVisible } }: Run): string {
  return [
    `recovers within ${formatDuration(recoversWithin)}`,
    ...(maxVisible === undefined ? [] : [`at most ${maxVisible} visible`]),
    ...(maxOldestAge === undefined ? [] : [`oldest message at most ${formatDuration(maxOldestAge)}`]),
  ].join(', ');
}

function peak({ peak, before }: Run): string {
  const age = peak.age === undefined ? '' : `, oldest message ${formatDuration(peak.age * 1_000)}`;
  return `${peak.visible} visible${age} (before: ${before.visible} visible, ${before.desired} desired)`;
}
