/**
 * Idle workers are taken away while messages trickle in, some of them just when the workers stop: no message is left with a
 * worker that is gone. The visibility timeout is ten minutes, so a message that had to wait for it would still be in flight at
 * the end.
 *
 * A sample by default; `npm run test:workers -- --all` takes 200 workers of each kind away.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
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
/** Milliseconds between two messages while workers stop: the polls of all of them are offered some. */
const PACE = 60;
const AT_STOP = 2 * MOST;
/** Milliseconds after SIGTERM within which the first of them is sent: some workers need seconds to end. */
const LATEST = 4_000;

/** Sends messages, after a moment of silence, to the workers that stop and to the polls of those that are gone. */
async function sendWhileTheyStop(rig: Rig, silence: number): Promise<void> {
  await sleep(silence);
  for (let i = 0; i < AT_STOP; i++) {
    await rig.send(0.02);
    await sleep(PACE);
  }
}

async function takeAway(kind: Kind): Promise<void> {
  const chance = random(SEED);
  const rig = await Rig.start(kind, { visibilityTimeout: 600, stopTimeout: 30, seed: SEED });
  const log = (): string => rig.log.slice(-40).join('\n');
  const open = (): Promise<number> => rig.counts().then(({ visible, inFlight }) => visible + inFlight);
  let removed = 0;
  let stopping = false;
  const trickle = setInterval(() => stopping || void rig.send(0.02), 300);
  try {
    while (removed < REMOVALS) {
      await rig.setWorkers(MOST);
      await until('all workers to wait for a message', () => rig.polls() === MOST, 60_000, log);
      const left = Math.floor(chance() * 2);
      stopping = true;
      await rig.setWorkers(left);
      await sendWhileTheyStop(rig, chance() * LATEST);
      stopping = false;
      await until('the others to be gone', () => rig.tasks().all === left, 40_000, log);
      removed += MOST - left;
    }
    clearInterval(trickle);
    await rig.setWorkers(MOST);
    await until('no message to be left', async () => (await open()) === 0, 30_000, log);
    const { received } = rig.totals();
    assert.ok(rig.sent >= REMOVALS, `${rig.sent} messages were sent`);
    console.log(
      `seed ${SEED}: ${kind.name}: ${removed} removed, ${rig.sent} sent, ${received - rig.sent} given back, 0 left behind`,
    );
  } catch (error) {
    throw new Error(`after ${removed} removals, ${rig.sent} sent, ${await open()} open: ${(error as Error).message}`);
  } finally {
    clearInterval(trickle);
    await rig.close();
  }
}

const KINDS = [DEMO, BOTO3, TASKIQ, CELERY].filter(({ name }) => name.includes(sample.only ?? ''));
for (const kind of KINDS)
  test(`${kind.name}: ${REMOVALS} idle workers taken away, no message left behind`, async () => {
    if (await kind.here()) await takeAway(kind);
    else missing(`Python with ${kind.name}'s packages`, 'its shutdown is not tested');
  });

test.run();
