import { type Observable, of } from 'rxjs';
import type { Action, ActionResult } from '../policies/action.ts';
import type { Wants } from '../policies/chaos/wants.ts';
import type { WorkerPolicy } from '../policies/document.ts';
import type { Observation } from '../policies/observation.ts';

/**
 * The port between the loop and the world. AWS implements it (the embedded AWS is reached through the same adapters),
 * and so does the backtest's plant.
 */
export interface World {
  /**
   * One look, emitted once. Failed reads are values in it; an error means that looking itself broke. `wants` are readings
   * beside queue and service that an experiment needs now.
   */
  observe(policy: WorkerPolicy, wants?: Wants): Observable<Observation>;
  /** Makes one write, emits its result once. Failures are results, not errors. */
  act(action: Action, policy: WorkerPolicy): Observable<ActionResult>;
}

/** An actor that makes no write: `mode: observe`, and `sluice plan`. */
export const dryRun: World['act'] = (action) => of({ action, outcome: 'skipped' });
