import type { Failure } from '../../policies/model/observation.ts';
import type { Recorded } from '../../policies/replay.ts';

/** A text to store as the next version. */
export interface Edit {
  text: string;
  /** The version that the author's text is based on; 0 for a new policy. */
  ifVersion: number;
  /** Why, in the author's words; kept with the version. */
  reason: string;
}

/** `conflict`: another version was stored meanwhile, and nothing was written. `now` is absent when the policy was deleted. */
export type Stored =
  | { kind: 'stored'; version: number; warning?: string }
  | { kind: 'conflict'; now?: { version: number; text: string } }
  | { kind: 'failed'; failure: Failure };

/** The course of one controller on the queue's past. Waits are seconds. */
export interface Course {
  withinTarget: number;
  workerHours: number;
  dollars: number;
  scaleActions: number;
  wait: { p50: number; p99: number; max: number };
}

/** A backtest of an edit. `share` is done, 0 to 1. `before` is absent when no version is in force. */
export type Backtest = { id: string; policy: string } & (
  | { state: 'reading' }
  | { state: 'running'; share: number }
  | { state: 'cancelled' }
  | { state: 'failed'; message: string; hint?: string }
  | {
      state: 'done';
      before?: Course;
      after: Course;
      /** Seconds of waiting that count as in time. */
      target: number;
      messages: number;
      least: { workerHours: number; dollars: number };
      /** The price of a worker and hour in USD, and where it comes from. */
      price: { usd: number; source: string };
    }
);

export interface BacktestRequest {
  policy: string;
  /** The text in force; undefined when no version is. */
  before: string | undefined;
  after: string;
  /** Milliseconds of the past. */
  past: number;
  workers: number;
}

/** All that the page needs for an edit: the past to try it on, and the store. */
export interface Edits {
  /** Returns the latest decisions of a policy, oldest first. */
  records: (policy: string) => Iterable<Recorded>;
  /** Stores a text unless another version was stored meanwhile. Never rejects. */
  store: (policy: string, edit: Edit) => Promise<Stored>;
  /** Starts a backtest. Undefined while another one runs: one at a time. */
  startBacktest: (request: BacktestRequest) => Backtest | undefined;
  backtest: (id: string) => Backtest | undefined;
  cancelBacktest: (id: string) => void;
}
