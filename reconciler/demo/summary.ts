import { color, table } from '../cli/io.ts';
import type { Waits } from './ledger.ts';

/** The end of a run; `--json` prints it as it is. Seconds are numbers. */
export interface Summary {
  sent: number;
  processed: number;
  duplicates: number;
  /** Neither processed nor in a queue any more; must be 0. */
  lost: number;
  wait: Waits;
  workers: { min: number; max: number };
  scaleUps: number;
  scaleDowns: number;
  policyVersion: number;
  experiments: { name: string; fault: string; verdict: string; timeToRecover?: number }[];
}

export interface Aside {
  /** Still in the queue, in flight, or in the dead-letter queue. */
  unfinished: number;
  restarts: number;
  firstDecision: number | undefined;
}

export function summaryText(s: Summary, { unfinished, restarts, firstDecision }: Aside): string {
  const rows = [
    [
      'jobs',
      `${s.sent} sent, ${s.processed} processed, ${s.duplicates} done twice, ${s.lost === 0 ? color.green('0 lost') : color.red(`${s.lost} lost`)}`,
    ],
    ...(unfinished > 0
      ? [['', color.yellow(`${unfinished} not worked off in time; they are still in their queues`)]]
      : []),
    ['waits', `p50 ${s.wait.p50} s, p95 ${s.wait.p95} s, p99 ${s.wait.p99} s from sending to the first receive`],
    [
      'workers',
      `${s.workers.min} to ${s.workers.max}; ${s.scaleUps} scale-ups, ${s.scaleDowns} scale-downs, policy version ${s.policyVersion}`,
    ],
    ...(firstDecision === undefined
      ? []
      : [
          [
            'start',
            `first decision after ${firstDecision.toFixed(1)} s${restarts > 0 ? `, reconciler restarted ${restarts} times` : ''}`,
          ],
        ]),
    ...s.experiments.map((e) => [
      'chaos',
      `${e.name} (${e.fault}): ${e.verdict}${e.timeToRecover === undefined ? '' : `, recovered in ${e.timeToRecover} s`}`,
    ]),
  ];
  return `\n${color.bold('Summary')}\n${table(rows.map(([head, text]) => [`  ${color.dim(head!)}`, text!]))}`;
}
