/** The circumstances of the matrix: how long jobs and starts take, how many messages a worker takes, and how well it is seen. */
import type { Setup } from '../../reconciler/backtest/backtest.ts';
import { parseSampler } from '../../reconciler/backtest/service-time.ts';
import { countsFrom } from '../../reconciler/cli/backtest/count-flags.ts';

export interface Cell {
  /** Mean seconds of a job; lognormal with variation 1. */
  job: number;
  /** Seconds of a start. */
  startUp: number;
  /** Messages that one worker handles at a time. */
  atATime: number;
  counts: 'exact' | 'sqs' | '15 s late';
  /** Workers protect themselves while they hold a message. */
  protects: boolean;
}

const COUNTS = {
  exact: { counts: 'exact' },
  sqs: { counts: 'sqs' },
  '15 s late': { counts: 'exact', countDelay: '15s' },
} as const;

const GRID: Cell[] = [2, 10, 60, 300].flatMap((job) =>
  [15, 45, 90].flatMap((startUp) =>
    [1, 4].flatMap((atATime) =>
      (['exact', 'sqs'] as const).map((counts): Cell => ({ job, startUp, atATime, counts, protects: false })),
    ),
  ),
);

const USUAL: Cell = { job: 10, startUp: 45, atATime: 1, counts: 'exact', protects: false };

/** The grid, and the circumstances that the marks name besides. */
export const CELLS: readonly Cell[] = [
  ...GRID,
  { ...USUAL, counts: '15 s late' },
  { ...USUAL, job: 60, protects: true },
  { ...USUAL, job: 300, protects: true },
];

export const nameOf = ({ job, startUp, atATime, counts, protects }: Cell): string =>
  `jobs ${job} s, start ${startUp} s, ${atATime} at a time, counts ${counts}${protects ? ', protected' : ''}`;

/** Returns what a cell changes in the plant of every comparison. */
export const givenBy = ({ job, startUp, atATime, counts, protects }: Cell): Partial<Setup> => ({
  serviceTime: parseSampler(`lognormal:${job}s/1`),
  startUp: parseSampler(`${startUp}s`),
  concurrency: atATime,
  protection: protects,
  ...countsFrom(COUNTS[counts]),
});
