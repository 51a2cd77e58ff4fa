import type { LogRecord } from '../log-record.ts';

/** What the reconciler did in this run, as its own log tells it. */
export class Tally {
  scaleUps = 0;
  scaleDowns = 0;
  policyVersion = 0;
  workers: { min: number; max: number } | undefined;
  firstDecisionAt: number | undefined;

  note(record: LogRecord): void {
    if (record.msg === 'policy applied') this.policyVersion = record.version ?? 0;
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
      if (outcome !== 'applied' || action.kind !== 'UpdateService') continue;
      if (action.desiredCount > action.from) this.scaleUps++;
      else this.scaleDowns++;
    }
  }
}
