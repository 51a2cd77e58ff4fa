/**
 * Idle workers are taken away while messages trickle in: no message is left with a worker that is gone. The visibility timeout
 * is ten minutes, so a message that had to wait for it would still be in flight at the end.
 *
 * A sample by default; `npm run test:workers -- --all` takes 200 workers of each kind away.
 */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { random } from '../../../policies/grammar/random.ts';
import { sample } from '../../support/sample.ts';
import { missing } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { BOTO3, CELERY, DEMO, type Kind, TASKIQ } from './kinds.ts';
import { Rig } from './rig.ts';

const REMOVALS = sample.whole ? 200 : 12;
const MOST = 4;
const SEED = sample.seed;

async function takeAway(kind: Kind): Promise<void> {
  const chance = random(SEED);
  const rig = await Rig.start(kind, { visibilityTimeout: 600, stopTimeout: 30, seed: SEED });
  const log = (): string => rig.log.slice(-40).join('\n');
  const trickle = setInterval(() => void rig.send(0.02), 300);
  try {
    for (let removed = 0; removed < REMOVALS; ) {
      await rig.setWorkers(MOST);
      await until('all workers to wait for a message', () => rig.polls() === MOST, 60_000, log);
      const left = Math.floor(chance() * 2);
      await rig.setWorkers(left);
      await until('the others to be gone', () => rig.tasks().all === left, 40_000, log);
      removed += MOST - left;
    }
    clearInterval(trickle);
    await rig.setWorkers(MOST);
    const open = (): Promise<number> => rig.counts().then(({ visible, inFlight }) => visible + inFlight);
    await until('no message to be left', async () => (await open()) === 0, 30_000, log);
    assert.ok(rig.sent >= REMOVALS, `${rig.sent} messages were sent`);
  } finally {
    clearInterval(trickle);
    await rig.close();
  }
}

for (const kind of [DEMO, BOTO3, TASKIQ, CELERY])
  test(`${kind.name}: ${REMOVALS} idle workers taken away, no message left behind`, async () => {
    if (await kind.here()) await takeAway(kind);
    else missing(`Python with ${kind.name}'s packages`, 'its shutdown is not tested');
  });

test.run();
