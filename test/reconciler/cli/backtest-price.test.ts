import assert from 'node:assert/strict';
import { test } from 'uvu';
import { DEFAULT_PRICE, priceOf } from '../../../reconciler/cli/backtest/price.ts';

test('a price is taken as it is', () => {
  assert.equal(priceOf('0.05').usd, 0.05);
});

test('a size is priced as Fargate is, with Region and architecture in words', () => {
  assert.deepEqual(priceOf(DEFAULT_PRICE), {
    usd: 0.04937,
    source: 'Fargate, 1 vCPU and 2 GB, Linux x86, us-east-1 in November 2026',
  });
  assert.equal(priceOf('0.25/0.5-arm').usd, 0.009875);
});

test('anything else is refused with an example', () => {
  for (const text of ['', '0', '-1', 'cheap', '1/', '1/2GB', '1/2-x86', 'Infinity', '1e9x'])
    assert.throws(() => priceOf(text), /--price-worker-hour/, text);
});

test.run();
