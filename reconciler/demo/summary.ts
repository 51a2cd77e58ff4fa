import { table } from '../text/table.ts';
import { color } from '../text/terminal.ts';
import type { Waits } from './ledger.ts';
import { type Left, leftText, totalOf } from './own/queue-accounts.ts';

/** The actions of Sluice in a run. Times are seconds. */
export interface ScalingSummary {
  /** The lowest and highest desired count. */
  workers: { min: number; max: number };
  scaleUps: number;
  scaleDowns: number;
  policyVersion: number;
  experiments: { name: string; fault: string; verdict: string; timeToRecover?: number }[];
}

/** The end of a run; `--json` prints it as it is. Times are seconds. */
export interface Summary extends ScalingSummary {
  sent: number;
  processed: number;
  duplicates: number;
  /** Jobs that are neither processed nor in a queue; must be 0. */
  lost: number;
  /** Messages that this run did not send. */
  others: number;
  wait: Waits;
}

/** Facts for people that are no part of the JSON. */
export interface Aside {
  /** Messages that are still in the queue. */
  left: Left;
  /** Messages in the dead-letter queue. */
  deadLettered: number;
  restarts: number;
  /** Seconds from the start to the first decision; undefined without any. */
  firstDecision: number | undefined;
}

/** Returns the summary as a table for people. */
export function summaryText(summary: Summary, aside: Aside): string {
  const { wait, experiments } = summary;
  const rows: [head: string, text: string][] = [
    ['jobs', jobs(summary)],
    ...optional(totalOf(aside.left) > 0, '', color.yellow(leftText(aside.left))),
    ...optional(aside.deadLettered > 0, '', color.yellow(`${aside.deadLettered} dead-lettered`)),
    ...optional(summary.others > 0, '', `${counted(summary.others, 'message')} of others`),
    ['waits', `p50 ${wait.p50} s, p95 ${wait.p95} s, p99 ${wait.p99} s from sending to the first receive`],
    ['workers', workersText(summary)],
    ...optional(aside.firstDecision !== undefined, 'start', startText(aside)),
    ...experiments.map((e): [string, string] => ['chaos', experimentText(e)]),
  ];
  return `\n${color.bold('Summary')}\n${table(rows.map(([head, text]) => [`  ${color.dim(head)}`, text]))}`;
}

const optional = (shown: boolean, head: string, text: string): [string, string][] => (shown ? [[head, text]] : []);

export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export const workersText = ({ workers, scaleUps, scaleDowns, policyVersion }: ScalingSummary): string =>
  `${workers.min} to ${workers.max}; ${counted(scaleUps, 'scale-up')}, ${counted(scaleDowns, 'scale-down')}, policy version ${policyVersion}`;

function jobs({ sent, processed, duplicates, lost }: Summary): string {
  const lostText = lost === 0 ? color.green('0 lost') : color.red(`${lost} lost`);
  return `${sent} sent, ${processed} processed, ${duplicates} processed twice, ${lostText}`;
}

export function startText({ firstDecision = 0, restarts }: Pick<Aside, 'firstDecision' | 'restarts'>): string {
  const again = restarts === 0 ? '' : `, reconciler restarted ${restarts === 1 ? 'once' : `${restarts} times`}`;
  return `first decision after ${firstDecision.toFixed(1)} s${again}`;
}

export const experimentText = ({ name, fault, verdict, timeToRecover }: Summary['experiments'][number]): string =>
  `${name} (${fault}): ${verdict}${timeToRecover === undefined ? '' : `, recovered in ${timeToRecover} s`}`;
