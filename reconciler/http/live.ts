import type { Observable } from 'rxjs';
import type { Answer } from '../../policies/model/chaos.ts';
import type { ChaosRequest, Failure } from '../../policies/model/observation.ts';
import type { PipelineEvent } from '../loop/pipeline-event.ts';
import type { Board, PolicyView } from '../report/board.ts';
import type { History } from '../report/history.ts';
import type { Timeline, TimelineEntry } from '../report/timeline.ts';

/** A version of a policy document, as SSM keeps it. */
export interface StoredVersion {
  version: number;
  text: string;
  /** Epoch milliseconds. */
  modified: number;
  /** Who wrote it. */
  user?: string;
}

/** What the HTTP side may know of the loop, and ask of it. */
export interface Live {
  board: Board;
  timeline: Timeline;
  histories: ReadonlyMap<string, History>;
  events$: Observable<LiveEvent>;
  /** When the watch last ended a look, well or not; at first when the process started. */
  lookedAt: () => number;
  /** When policies were last listed; undefined until the first time. */
  polledAt: () => number | undefined;
  /** Why the last listing failed; undefined when it did not. */
  watchFailure: () => Failure | undefined;
  /** The versions of a policy document that SSM still has, newest first. Rejects with what AWS threw. */
  versions: (name: string) => Promise<StoredVersion[]>;
  /** Asks for an experiment to run or stop, and resolves to the answer. Rejects when none comes in time. */
  request: (policy: string, request: Pick<ChaosRequest, 'action' | 'experiment' | 'by'>) => Promise<Answer>;
}

export interface LiveEvent {
  event: PipelineEvent;
  view: PolicyView;
  /** Set when the tick is worth a line in the timeline. */
  entry?: TimelineEntry | undefined;
}
