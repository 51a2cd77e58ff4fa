import type { Instant } from './observation.ts';
import type { Peaks } from './record.ts';

/** Events between two looks at the queue. Several short spans are joined into one. */
export interface Span {
  /** End (epoch ms). */
  end: Instant;
  /** Seconds. */
  length: number;
  /** Messages that arrived, estimated. */
  arrived: number;
  /** Message-seconds in flight: work that was done. */
  work: number;
  /** Arrivals a second that were expected when the span began. */
  expected: number;
}

/**
 * Everything learned of a queue and its workers: plain JSON of bounded size. Seconds, messages and workers throughout.
 * All of it is learned from observations, never from intentions.
 */
export interface Estimate {
  /** The last look, which the next one is compared with. */
  last: { at: Instant; visible: number; inFlight: number; running: number; desired: number };
  /** Seconds for which the queue was watched without a long gap. */
  watched: number;
  /** The last minutes, oldest first; see spans.ts. */
  spans: Span[];
  /** Busy slots that the arrivals need on average: arrivals a second times service time. */
  load: number;
  /** The load smoothed over a longer time; the difference to `load` is the trend. */
  slowLoad: number;
  /** Decayed sums: message-seconds of work, and messages finished by that work. */
  service: { work: number; done: number; until: Instant };
  /** Messages that one worker handles at a time. */
  concurrency: number;
  /** Seconds from a rise of the desired count to the worker's RUNNING, and the number of workers seen to start. */
  startUp: { seconds: number; seen: number };
  /** Workers that were requested and do not run yet, oldest first. */
  starting: [at: Instant, count: number][];
  /** Amounts by which arrivals of one start-up time exceeded the expectation; see bursts.ts. */
  bursts: { arrived: number; excess: number[] };
  /** Messages that scale-ins may still interrupt; see scale-in-risk.ts. */
  risk: { allowance: number; lastScaleIn: Instant };
  /** How well each age that the counts may have fits CloudWatch's minutes; see lag.ts. Absent before the first. */
  lag?: { until: Instant; points: number; errors: number[] };
  /** Decayed sums over the looks at task protection: workers that were busy, and those that were protected. Absent before the first. */
  protection?: { at: Instant; busy: number; guarded: number };
  /** Counts needed lately that can still be the maximum. */
  held: Peaks;
}
