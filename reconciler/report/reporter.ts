import type { PipelineEvent } from '../loop/pipeline-event.ts';
import type { PolicyView } from './board.ts';
import type { Guarded, ReporterGuard } from './reporter-guard.ts';

/** An event of the loop, and the view of its policy that follows from it. */
export interface Report {
  event: PipelineEvent;
  view: PolicyView;
}

/** Tells somebody what the loop does. It may throw: the guard sees to it that the others and the loop go on. */
export interface Reporter extends Guarded {
  report(report: Report): void;
}

/** Folds events into views. */
export interface ReadModel extends Guarded {
  apply(event: PipelineEvent): PolicyView;
  /** Returns the view as it is, for an event that could not be applied. */
  viewOf(event: PipelineEvent): PolicyView;
}

/**
 * Returns a function that applies an event to the read model, tells every reporter about it, and returns the report. What
 * throws misses this one event.
 */
export function reportTo(
  model: ReadModel,
  reporters: readonly Reporter[],
  guard: ReporterGuard,
): (event: PipelineEvent) => Report {
  return (event) => {
    const view = guard.attempt(model, () => model.apply(event)) ?? model.viewOf(event);
    const report = { event, view };
    for (const reporter of reporters) guard.attempt(reporter, () => reporter.report(report));
    return report;
  };
}

/** Returns the name of a policy that is gone after this event. */
export function deletedBy({ event }: Report): string | undefined {
  return event.kind === 'spec' && event.change.kind === 'deleted' ? event.change.name : undefined;
}
