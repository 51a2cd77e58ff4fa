import assert from 'node:assert/strict';
import { test } from 'uvu';
import { countFlags, countsFrom } from '../../../reconciler/cli/backtest/count-flags.ts';

test('--counts exact is a queue without flaws', () => {
  assert.deepEqual(countsFrom({ counts: 'exact' }), {
    countDelay: 0,
    countNoise: 0,
    countShards: 1,
    countMisses: 0,
    countGhosts: 0,
    errorRate: 0,
  });
});

test('a flag beside --counts sqs changes that flaw alone', () => {
  const sqs = countsFrom({ counts: 'sqs' });
  assert.deepEqual(countsFrom({ counts: 'sqs', countDelay: '15s' }), { ...sqs, countDelay: 15 });
  assert.equal(countFlags({ counts: 'sqs', countGhosts: '0' }).countGhosts, '0');
});

test('what is out of range is refused with the flag and the range', () => {
  assert.throws(() => countsFrom({ counts: 'aws' }), /--counts aws .*/);
  assert.throws(
    () => countsFrom({ counts: 'exact', countDelay: '90s' }),
    /--count-delay 90s is not a duration up to 60s/,
  );
  assert.throws(
    () => countsFrom({ counts: 'exact', countShards: '0' }),
    /--count-shards 0 is not a whole number from 1 to 100/,
  );
  assert.throws(() => countsFrom({ counts: 'exact', countGhosts: '2' }), /--count-ghosts 2 is not a share from 0 to 1/);
});

test.run();
