import { type Observable, of } from 'rxjs';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action, ActionResult } from '../../policies/model/action.ts';
import type { Observation } from '../../policies/model/observation.ts';
import type { RequiredReadings } from '../../policies/model/required-readings.ts';

/**
 * The port between the loop and the world. AWS implements it (the embedded AWS is reached through the same adapters),
 * and so does the backtest's plant.
 */
export interface World {
  /**
   * One look, emitted once. Failed reads are values in it; an error means that looking itself broke. `wants` are readings
   * beside queue and service that an experiment needs now.
   */
  observe(policy: WorkerPolicy, requiredReadings?: RequiredReadings): Observable<Observation>;
  /** Makes one write, emits its result once. Failures are results, not errors. */
  act(action: Action, policy: WorkerPolicy): Observable<ActionResult>;
}

/** An actor that makes no write: `mode: observe`, and `sluice plan`. */
export const dryRun: World['act'] = (action) => of({ action, outcome: 'skipped' });
