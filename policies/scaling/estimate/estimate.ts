/** The author's hints: starting points that beat a guess. Seconds and messages; undefined when nothing is known. */
export interface Hints {
  serviceTime: number | undefined;
  startUp: number | undefined;
  /** Messages that one worker handles at a time. */
  concurrency: number | undefined;
}

/** Returns a number with four decimals: enough for every number that is carried, and short in the record. */
export const short = (value: number): number => Math.round(value * 10_000) / 10_000;
