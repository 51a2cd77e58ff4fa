import type { StrategyOf, StrategySpec } from '../../document/schema.ts';
import type { Instant, QueueCounts } from '../../model/observation.ts';
import type { Outlook } from '../estimate/outlook.ts';

/** What a strategy may look at. Every number in it was read successfully and is fresh. */
export interface StrategyContext {
  queue: QueueCounts;
  /** The service's desired count. */
  current: number;
  /** Workers that run now. */
  running: number;
  /** Age of the oldest message in seconds; undefined when CloudWatch has no point. */
  oldestAge: number | undefined;
  minWorkers: number;
  maxWorkers: number;
  now: Instant;
  /** What targetWait has learned and concluded; there when the policy has that strategy. */
  outlook: Outlook | undefined;
}

/** A count and the sentence that explains it; undefined count: the strategy lacks a number it needs and abstains. */
export interface Advice {
  desired: number | undefined;
  because: string;
}

/** One file a strategy, one type. Pure: the same context always gives the same advice. */
export type Strategy<T extends StrategySpec['type']> = (spec: StrategyOf<T>, context: StrategyContext) => Advice;
