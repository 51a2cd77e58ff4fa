/**
 * A mutating proxy stands between `sluice run` and the embedded AWS: whatever an answer looks like, nothing scales in,
 * nothing of the owner's is changed for good, the process lives, and other policies go on.
 *
 * A seeded sample by default; `npm run test:mutations -- --all` plays every mutation (about half an hour).
 * `--seed N` draws another sample, `--only TEXT` plays the mutations whose name includes the text.
 */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { runCampaign } from '../support/mutations/campaign.ts';
import { SCENES } from '../support/mutations/lanes.ts';
import { sample } from '../support/sample.ts';

const SAMPLE_MS = 45_000;
const whole = sample.whole || sample.only !== undefined;

test('no damaged answer makes Sluice do harm', async () => {
  const { violations, ...counts } = await runCampaign({
    seed: sample.seed,
    cells: whole ? 4 : 2,
    scenes: [...SCENES, 'calm', 'calm'],
    budget: whole ? undefined : SAMPLE_MS,
    only: sample.only,
  });
  console.log(`seed ${sample.seed}: ${JSON.stringify(counts)}`);
  for (const { lane, scene, mutation, problem } of violations)
    console.log(`${scene} (${lane}): ${mutation}: ${problem}`);
  assert.deepEqual(
    violations.map(({ scene, mutation, problem }) => `${scene}: ${mutation}: ${problem.split('\n')[0]}`),
    [],
  );
  assert.ok(counts.hit > 0 && counts.experiments + (whole ? 1 : 0) > 0, 'mutations were played, also in experiments');
});

test.run();
