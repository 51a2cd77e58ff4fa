import assert from 'node:assert/strict';
import { test } from 'uvu';
import { accountBuckets, TokenBucket } from '../../../reconciler/aws/rate-limit.ts';

test('a bucket gives its burst at once and then its rate', () => {
  let now = 0;
  const bucket = new TokenBucket(3, 2, () => now);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => bucket.tryTake()),
    [0, 0, 0, 500],
  );
  now = 499;
  assert.ok(bucket.tryTake() > 0, 'not a moment sooner');
  now = 500;
  assert.equal(bucket.tryTake(), 0);
  now = 1_000_000;
  assert.deepEqual(
    [1, 2, 3, 4].map(() => bucket.tryTake() === 0),
    [true, true, true, false],
  );
});

test('a clock that goes back costs nothing', () => {
  let now = 1_000;
  const bucket = new TokenBucket(1, 1, () => now);
  assert.equal(bucket.tryTake(), 0);
  now = 0;
  assert.equal(bucket.tryTake(), 1_000);
});

test('who gives up before its turn takes no token, and holds up nobody behind it', async () => {
  let now = 0;
  const bucket = new TokenBucket(1, 1_000, () => now);
  await bucket.take();
  const controller = new AbortController();
  const first = bucket.take(controller.signal);
  const second = bucket.take();
  controller.abort();
  await assert.rejects(first, { name: 'AbortError' });
  now = 1;
  await second;
  assert.equal(bucket.tryTake(), 1);
});

test('who has given up already takes no token', async () => {
  const bucket = new TokenBucket(1, 1, () => 0);
  await assert.rejects(bucket.take(AbortSignal.abort()), { name: 'AbortError' });
  assert.equal(bucket.tryTake(), 0);
});

test('actions of one AWS bucket share one of ours', () => {
  const buckets = accountBuckets(() => 0);
  assert.equal(buckets.get('ecs:ListTasks'), buckets.get('ecs:DescribeTasks'));
  assert.notEqual(buckets.get('ecs:UpdateService'), buckets.get('ecs:DescribeServices'));
});

test.run();
