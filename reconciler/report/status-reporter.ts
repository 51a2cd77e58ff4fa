import type { PolicyView } from './board.ts';
import { deletedBy, type Reporter } from './reporter.ts';

/** The part of the status writer that reports. */
interface StatusSink {
  update(view: PolicyView): unknown;
  release(name: string): void;
}

/** Returns the reporter that keeps the status parameters up to date. */
export function statusReporter(status: StatusSink): Reporter {
  return {
    name: 'status',
    keeps: 'the status parameter',
    report(report) {
      const deleted = deletedBy(report);
      if (deleted === undefined) status.update(report.view);
      else status.release(deleted);
    },
  };
}
