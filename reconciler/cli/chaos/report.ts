/** `chaos report [RUN]`: what a run did, what it showed, and its verdict. */
import { writeFile } from 'node:fs/promises';
import { type Run, timeToDetect, timeToRecover } from '../../../policies/chaos/run.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';
import { didYouMean } from '../../../policies/grammar/suggest.ts';
import { color, json, out, table, UserError } from '../io.ts';
import { reportHtml } from './html.ts';
import { verdictColor } from './list.ts';
import { type ChaosOptions, openSession, runsOf } from './session.ts';

export interface ReportOptions extends ChaosOptions {
  html?: string;
}

export async function report(id: string | undefined, options: ReportOptions): Promise<number> {
  const { subjects } = await openSession(options);
  const all = subjects.flatMap((s) => runsOf(s).map((run) => ({ policy: s.name, run })));
  const chosen = id === undefined ? all : all.filter(({ run }) => run.id === id || run.experiment === id).slice(0, 1);
  if (id !== undefined && chosen.length === 0)
    throw new UserError(
      `there is no run ${id}`,
      all.length > 0
        ? didYouMean(
            id,
            all.map(({ run }) => run.id),
          )
        : 'no experiment has run yet; the status keeps the last few, the log has all of them',
    );
  if (options.html !== undefined) {
    await writeFile(options.html, reportHtml(chosen));
    out(`wrote ${options.html}: ${chosen.length} ${chosen.length === 1 ? 'run' : 'runs'}`);
  } else if (options.json) json({ runs: chosen });
  else if (chosen.length === 0) out('no experiment has run yet');
  else out(chosen.map(({ policy, run }) => runText(policy, run)).join('\n\n'));
  return 0;
}

/** One run for people. */
export function runText(policy: string, run: Run): string {
  const head = `${color.bold(run.experiment)} of ${policy}, run ${run.id}: ${verdictColor(run.verdict ?? run.phase)}`;
  const facts: [string, string | undefined][] = [
    ['why', run.because],
    ['fault', `${run.fault}: ${run.summary}`],
    [
      'started',
      `${new Date(run.startedAt).toISOString()} (${run.trigger === 'request' ? 'on request' : 'by its schedule'})`,
    ],
    ['detected', seconds('after', timeToDetect(run)) ?? (run.injectedAt ? 'no effect was seen' : undefined)],
    ['recovered', seconds('in', timeToRecover(run))],
    ['expected', expectation(run)],
    ['peak', peak(run)],
    ['stopped', run.stopped === undefined ? undefined : `${run.stopped} tasks`],
    ['dead letters', run.deadLetters === undefined ? undefined : `${run.deadLetters} more than before`],
  ];
  const rows = facts.filter(([, text]) => text !== undefined).map(([name, text]) => [`  ${color.dim(name)}`, text!]);
  return [
    head,
    table(rows),
    `  ${color.dim('timeline')}`,
    table(timeline(run).map(([at, what]) => [`    +${at}`, what])),
  ].join('\n');
}

const seconds = (word: string, value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${word} ${value} s`;

function expectation({ hypothesis: { recoversWithin, maxOldestAge, maxVisible } }: Run): string {
  return [
    `recovers within ${formatDuration(recoversWithin)}`,
    ...(maxVisible === undefined ? [] : [`at most ${maxVisible} visible`]),
    ...(maxOldestAge === undefined ? [] : [`oldest at most ${formatDuration(maxOldestAge)}`]),
  ].join(', ');
}

function peak({ peak, before }: Run): string {
  const age = peak.age === undefined ? '' : `, oldest ${formatDuration(peak.age * 1_000)}`;
  return `${peak.visible} visible${age} (${before.visible} visible before, ${before.desired} workers)`;
}

/** What happened when, from the start of the run. */
export function timeline(run: Run): [at: string, what: string][] {
  const moments: [number | undefined, string][] = [
    [run.startedAt, 'intent written down'],
    [run.injectedAt, 'fault injected'],
    [run.activeAt, 'fault in place'],
    [run.effectSeenAt, 'effect seen'],
    [
      run.endedAt,
      run.verdict === 'aborted' || run.verdict === 'interrupted'
        ? 'cut short: revert begins'
        : 'fault over: revert begins',
    ],
    [run.removedAt, 'fault taken back'],
    [run.revertedAt, 'seen to be as before'],
    [run.recoveredAt, 'recovered'],
  ];
  return moments
    .filter((m): m is [number, string] => m[0] !== undefined)
    .sort((a, b) => a[0] - b[0])
    .map(([at, what]) => [formatDuration(Math.round((at - run.startedAt) / 100) * 100), what]);
}
