/** How much of a long test is played: `npm run TEST -- --all --seed 7 --only TEXT` (see test/run.ts). */
export const sample = {
  /** Play everything, however long it takes; otherwise a sample of a minute or so. */
  whole: process.env.SLUICE_TEST_ALL === '1',
  /** Draws the sample and the moments. */
  seed: Number(process.env.SLUICE_TEST_SEED ?? 1),
  /** Play only what has this text in its name. */
  only: process.env.SLUICE_TEST_ONLY,
};
