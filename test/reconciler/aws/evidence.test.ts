/** A count is lowered on fresh evidence only, and that is judged after every wait. */
import assert from 'node:assert/strict';
import nock from 'nock';
import { firstValueFrom } from 'rxjs';
import { suite } from 'uvu';
import type { ActionResult } from '../../../policies/model/action.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { TokenBucket } from '../../../reconciler/aws/rate-limit.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { expectCall, offline, SERVICE } from '../../support/aws.ts';
import { policyOf, T0 } from '../../support/policy.ts';

offline();
const test = suite('evidence');

interface Case {
  from: number;
  to: number;
  /** Milliseconds from the reading to the decision. */
  decidedAfter: number;
  /** Milliseconds of the wait for the rate limit. */
  waited?: number;
  purpose?: 'inject' | 'revert';
}

/** Acts with a policy of 10 s; the clock moves on while the call waits for its token. */
async function act({ from, to, decidedAfter, waited = 0, purpose }: Case): Promise<ActionResult> {
  let now = T0 + decidedAfter;
  const bucket = new TokenBucket(1, 1, () => {
    now += waited;
    return T0;
  });
  const aws = createClients({ region: 'us-east-1', maxAttempts: 1, buckets: new Map([['ecs:UpdateService', bucket]]) });
  now = T0 + decidedAfter;
  const world = awsWorld(aws, { metricsInterval: 0, tasksInterval: 0, now: () => now });
  expectCall('ecs', 'UpdateService', () => true, { service: { ...SERVICE, desiredCount: to } });
  try {
    const action = {
      kind: 'UpdateService',
      desiredCount: to,
      from,
      ...(purpose ? { run: 'r', purpose } : {}),
    } as const;
    return await firstValueFrom(world.act(action, policyOf({}, { interval: '10s' }), T0));
  } finally {
    nock.cleanAll();
    aws.destroy();
  }
}

test('on fresh evidence a count is lowered', async () => {
  assert.equal((await act({ from: 5, to: 3, decidedAfter: 20_000 })).outcome, 'applied');
});

test('older than two intervals, it is not: nothing is sent, and the result says why', async () => {
  const result = await act({ from: 5, to: 3, decidedAfter: 20_001 });
  assert.ok(result.outcome === 'failed');
  assert.equal(result.code, 'StaleEvidence');
  assert.match(result.message, /the count was not lowered: the counts were read 20\.0 s ago, more than 20 s/);
});

test('the wait for the rate limit counts', async () => {
  const result = await act({ from: 5, to: 3, decidedAfter: 1_000, waited: 30_000 });
  assert.equal(result.outcome === 'failed' && result.code, 'StaleEvidence');
});

test('what adds workers, and what takes a fault back, is never too old', async () => {
  assert.equal((await act({ from: 3, to: 5, decidedAfter: 60_000 })).outcome, 'applied');
  assert.equal((await act({ from: 5, to: 3, decidedAfter: 60_000, purpose: 'revert' })).outcome, 'applied');
});

test.run();
