import type { Instant } from '../../model/observation.ts';

/** What happened between two looks, or between some more when looks come often. */
export interface Span {
  /** When it ended (epoch ms). */
  end: Instant;
  /** Seconds. */
  length: number;
  /** Messages that arrived, estimated. */
  arrived: number;
  /** Message-seconds in flight: work that was done. */
  work: number;
  /** Arrivals a second that were expected when it began. */
  expected: number;
}

/**
 * What targetWait has learned of a queue and its workers: plain JSON of bounded size, kept in Memory. Seconds, messages and
 * workers throughout. Everything in it is learned from what was observed, never from what was meant.
 */
export interface Estimate {
  /** The last look: what the next one is compared with. */
  last: { at: Instant; visible: number; inFlight: number; running: number; desired: number };
  /** Seconds for which the queue was watched without a long gap. */
  watched: number;
  /** The last minutes, oldest first; see spans.ts. */
  spans: Span[];
  /** Busy slots that the arrivals ask for, on average: arrivals a second times service time. */
  load: number;
  /** The same over a longer time; the difference is the trend. */
  slowLoad: number;
  /** Decayed sums: message-seconds of work, and messages finished by them. */
  service: { work: number; done: number; until: Instant };
  /** Messages that one worker handles at a time. */
  concurrency: number;
  /** Seconds from a rise of the desired count to the worker's RUNNING, and how many workers that is learned from. */
  startUp: { seconds: number; seen: number };
  /** Workers that were asked for and do not run yet, oldest first. */
  starting: [at: Instant, count: number][];
  /** By how much arrivals of one start-up time exceeded what was expected; see bursts.ts. */
  bursts: { arrived: number; excess: number[] };
  /** Messages that scale-ins may still interrupt; see scale-in-risk.ts. */
  risk: { allowance: number; lastScaleIn: Instant };
  /** Counts that were needed lately and could still be the most that was: times rise, counts fall. */
  held: [at: Instant, count: number][];
}

/** Starting points where the author knows better than a guess. Seconds; undefined: nothing is known. */
export interface Hints {
  serviceTime: number | undefined;
  startUp: number | undefined;
  concurrency: number | undefined;
}

/** Four decimals are enough for every number that is carried, and keep the record short. */
export const short = (value: number): number => Math.round(value * 10_000) / 10_000;
