/**
 * A scale-in while jobs run. Protected workers are spared: no job is interrupted. Unprotected ones are stopped in the middle of a
 * job, and give it back: it is redelivered long before its visibility timeout of ten minutes, and none is lost.
 *
 * `--all` runs jobs of 20 seconds; the sample's are shorter.
 */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { sample } from '../../support/sample.ts';
import { missing } from '../../support/tools.ts';
import { until } from '../../support/until.ts';
import { BOTO3, CELERY, DEMO, type Kind, TASKIQ, TASKIQ_FIFO } from './kinds.ts';
import { Rig } from './rig.ts';

const SECONDS = sample.whole ? 20 : 12;
const WORKERS = 3;
/** Seconds after SIGTERM at which a worker gives its jobs back; longer than a poll, shorter than a job. */
const GIVE_BACK_AFTER = '4';

interface Outcome {
  sent: number;
  deleted: number;
  received: number;
}

/** Gives each of three workers jobs, lowers the count to one while all run, and waits for the end. */
async function scaleIn(kind: Kind, isProtected: boolean): Promise<Outcome> {
  const unprotected = { ECS_AGENT_URI: '', GIVE_BACK_AFTER, STOP_GRACE: GIVE_BACK_AFTER };
  const rig = await Rig.start(kind, {
    visibilityTimeout: 600,
    stopTimeout: 60,
    seed: 1,
    environment: isProtected ? {} : unprotected,
  });
  const log = (): string => rig.log.slice(-40).join('\n');
  try {
    await rig.setWorkers(WORKERS);
    await until('all workers to wait for a message', () => rig.polls() === WORKERS, 90_000, log);
    const jobs = WORKERS * kind.concurrency;
    for (let i = 0; i < jobs; i++) await rig.send(SECONDS);
    await until('all jobs to be in hand', async () => (await rig.counts()).inFlight === jobs, 30_000, log);
    if (isProtected) await until('protection', () => rig.protectedTasks() === WORKERS, 10_000, log);
    await rig.setWorkers(1);
    const open = (): Promise<number> => rig.counts().then(({ visible, inFlight }) => visible + inFlight);
    await until('all jobs to be done', async () => (await open()) === 0, 120_000, log);
    return { sent: rig.sent, ...rig.totals() };
  } finally {
    await rig.close();
  }
}

// All at once: the jobs only wait, and so do the tests.
const KINDS = [DEMO, BOTO3, TASKIQ, TASKIQ_FIFO, CELERY];
const runs = KINDS.flatMap((kind) =>
  [true, false].map((isProtected) => {
    const outcome = kind.here().then((here) => (here ? scaleIn(kind, isProtected) : undefined));
    // Each test reports its own run's failure.
    outcome.catch(() => {});
    return { kind, isProtected, outcome };
  }),
);

for (const { kind, isProtected, outcome } of runs)
  test(`${kind.name}, ${isProtected ? 'protected: no job is interrupted' : 'unprotected: redelivered, none lost'}`, async () => {
    const counts = await outcome;
    if (!counts) return missing(`Python with ${kind.name}'s packages`, 'its scale-in is not tested');
    const { sent, received, deleted } = counts;
    assert.equal(deleted, sent, 'every job is done');
    if (isProtected) assert.equal(received, sent, 'each message was received once');
    else assert.ok(received > sent, `${received} receives of ${sent} messages: jobs were given back`);
  });

test.run();
