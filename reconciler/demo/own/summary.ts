import { table } from '../../text/table.ts';
import { color } from '../../text/terminal.ts';
import { counted, experimentText, type ScalingSummary, startText, workersText } from '../summary.ts';
import { leftText, lostOf, type QueueAccounts } from './queue-accounts.ts';

/** The end of a run of own workers; `--json` prints it as it is. Times are seconds. */
export interface OwnSummary extends ScalingSummary {
  queues: (QueueAccounts & { lost: number })[];
  /** Tasks that ended by themselves. */
  exits: number;
}

export interface OwnAside {
  restarts: number;
  firstDecision: number | undefined;
  /** Seconds from the start to the first scale-up; undefined without any. */
  firstScaleUp: number | undefined;
}

export const withLost = (accounts: QueueAccounts): QueueAccounts & { lost: number } => ({
  ...accounts,
  lost: lostOf(accounts),
});

/** Returns the summary as a table for people. */
export function ownSummaryText(summary: OwnSummary, aside: OwnAside): string {
  const rows: [head: string, text: string][] = [
    ...summary.queues.map((queue): [string, string] => [queue.queue, queueText(queue)]),
    ['workers', workersText(summary)],
    ...(summary.exits > 0
      ? [['', color.yellow(`${counted(summary.exits, 'task')} ended without being asked to`)] as [string, string]]
      : []),
    ...(aside.firstDecision === undefined
      ? []
      : [['start', `${startText(aside)}${scaleUpText(aside.firstScaleUp)}`] as [string, string]]),
    ...summary.experiments.map((e): [string, string] => ['chaos', experimentText(e)]),
  ];
  return `\n${color.bold('Summary')}\n${table(rows.map(([head, text]) => [`  ${color.dim(head)}`, text]))}`;
}

function queueText({
  sent,
  received,
  deleted,
  redelivered,
  deadLettered,
  left,
  lost,
}: OwnSummary['queues'][number]): string {
  const dead = deadLettered > 0 ? color.yellow(`${deadLettered} dead-lettered`) : '0 dead-lettered';
  const parts = [`${sent} sent`, `${received} received`, `${deleted} deleted`, `${redelivered} redelivered`, dead];
  const lostText = lost === 0 ? color.green('0 lost') : color.red(`${lost} lost`);
  return [...parts, leftText(left), lostText].join(', ');
}

const scaleUpText = (seconds: number | undefined): string =>
  seconds === undefined ? '' : `, first scale-up after ${seconds.toFixed(1)} s`;
