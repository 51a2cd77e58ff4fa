import type { Answer } from '../../policies/model/chaos.ts';
import type { ChaosRequest, Failure } from '../../policies/model/observation.ts';
import type { Leadership } from '../lead/leadership.ts';
import type { Board } from '../report/board.ts';
import type { Histories } from '../report/history.ts';
import type { ReporterGuard } from '../report/reporter-guard.ts';
import type { Timeline } from '../report/timeline.ts';
import type { Edits } from './edits.ts';

/** A version of a policy document, as SSM keeps it. */
export interface StoredVersion {
  version: number;
  text: string;
  /** Epoch milliseconds. */
  modified: number;
  /** Who wrote it. */
  user?: string;
  /** Why, in the author's words. */
  description?: string;
}

/** The stored versions, newest first, or why they could not be read. */
export type Versions = { ok: true; versions: StoredVersion[] } | { ok: false; failure: Failure };

export type Asked = Pick<ChaosRequest, 'action' | 'experiment' | 'by'>;

/** All that the HTTP side may know of the loop, and ask of it. */
export interface Live {
  board: Board;
  timeline: Timeline;
  histories: Pick<Histories, 'get'>;
  /** Keeps errors of the page's stream from reaching the loop. */
  guard: ReporterGuard;
  /** Returns when the watch last ended a look, well or not; at first when the process started. Epoch milliseconds. */
  lookedAt: () => number;
  /** Returns when policies were last listed; undefined until the first time. Epoch milliseconds. */
  polledAt: () => number | undefined;
  /** Returns why the last listing failed; undefined when it did not. */
  watchFailure: () => Failure | undefined;
  /** Reads the versions of a policy document that SSM still has. Never rejects. */
  versions: (name: string) => Promise<Versions>;
  /** Absent where the page cannot edit. */
  edits?: Edits;
  /** Asks for an experiment to run or stop, and resolves to the answer. Rejects when none comes in time. */
  request: (policy: string, asked: Asked) => Promise<Answer>;
  /** Returns who acts for the prefix: this process, or the one that it stands by for. */
  leadership: () => Leadership;
}
