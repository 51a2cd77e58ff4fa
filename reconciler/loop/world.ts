import { type Observable, of } from 'rxjs';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action, ActionResult } from '../../policies/model/action.ts';
import type { Instant, Observation } from '../../policies/model/observation.ts';
import type { RequiredReadings } from '../../policies/model/required-readings.ts';

/**
 * The port between the loop and the world. AWS implements it (the embedded AWS is reached through the same adapters),
 * and so does the backtest's plant.
 */
export interface World {
  /**
   * Looks once and emits one observation. Failed reads are values in it; an error means that looking itself broke.
   * `requiredReadings` are those that an experiment needs now, beside queue and service.
   */
  observe(policy: WorkerPolicy, requiredReadings?: RequiredReadings): Observable<Observation>;
  /**
   * Makes one write and emits its result. Failures are results, not errors. `evidenceAt` is when the oldest reading was taken
   * that the decision rests on: a count is not lowered when that is too long ago in the moment of the write.
   */
  act(action: Action, policy: WorkerPolicy, evidenceAt?: Instant): Observable<ActionResult>;
}

/** Makes no write and says so: for `mode: observe` and `sluice plan`. */
export const dryRun: World['act'] = (action) => of({ action, outcome: 'skipped' });
