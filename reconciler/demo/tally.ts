import { timeToRecover } from '../../policies/chaos/run.ts';
import type { LogRecord } from '../text/log-record.ts';
import type { Summary } from './summary.ts';

/** Counts what the reconciler did in this run, from its log. */
export class Tally {
  scaleUps = 0;
  scaleDowns = 0;
  policyVersion = 0;
  workers: { min: number; max: number } | undefined;
  firstDecisionAt: number | undefined;
  firstScaleUpAt: number | undefined;
  readonly experiments: Summary['experiments'] = [];

  note(record: LogRecord): void {
    if (record.msg === 'policy applied') this.policyVersion = record.version ?? 0;
    for (const run of record.decision?.chaos?.ended ?? []) {
      const seconds = timeToRecover(run);
      this.experiments.push({
        name: run.experiment,
        fault: run.fault,
        verdict: run.verdict ?? '',
        ...(seconds === undefined ? {} : { timeToRecover: seconds }),
      });
    }
    const { decision } = record;
    if (!decision) return;
    this.firstDecisionAt ??= Date.parse(record.time);
    for (const count of [decision.current, decision.mode === 'enforce' ? decision.desired : undefined]) {
      if (count === undefined) continue;
      this.workers = {
        min: Math.min(this.workers?.min ?? count, count),
        max: Math.max(this.workers?.max ?? count, count),
      };
    }
    for (const { action, outcome } of record.results ?? []) {
      // A count that an experiment sets is not scaling.
      if (outcome !== 'applied' || action.kind !== 'UpdateService' || action.run !== undefined) continue;
      if (action.desiredCount > action.from) {
        this.scaleUps++;
        this.firstScaleUpAt ??= Date.parse(record.time);
      } else this.scaleDowns++;
    }
  }
}
