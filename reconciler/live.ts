import type { Observable } from 'rxjs';
import type { Failure } from '../policies/observation.ts';
import type { PipelineEvent } from './pipeline.ts';
import type { Board, PolicyView } from './report/board.ts';

/** What the HTTP side may know of the loop. */
export interface Live {
  board: Board;
  events$: Observable<{ event: PipelineEvent; view: PolicyView }>;
  /** When the watch last ended a look, well or not; at first when the process started. */
  lookedAt: () => number;
  /** When policies were last listed; undefined until the first time. */
  polledAt: () => number | undefined;
  /** Why the last listing failed; undefined when it did not. */
  watchFailure: () => Failure | undefined;
}
