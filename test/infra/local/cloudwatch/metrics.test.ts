import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { codeOf, errorOf } from '../support.ts';
import { type CloudWatchHarness, cloudWatchHarness } from './harness.ts';

const now = (h: CloudWatchHarness) => h.clock.now() / 1000;

test('statistics of one period', async () => {
  const h = cloudWatchHarness();
  for (const value of [5, 1, 3, 7]) await h.put(value);
  for (const [stat, expected] of [
    ['Sum', 16],
    ['Average', 4],
    ['Minimum', 1],
    ['Maximum', 7],
    ['SampleCount', 4],
    ['p50', 3],
    ['p99.9', 7],
    ['p0', 1],
    ['p100', 7],
  ] as const)
    assert.deepEqual(await h.values(stat, 60, 120), [expected], stat);
});

test('periods group points; StartTime is inclusive, EndTime is not', async () => {
  const h = cloudWatchHarness();
  const t0 = now(h);
  for (let i = 0; i < 10; i++) {
    await h.put(i);
    h.clock.advance(60_000);
  }
  const ask = async (from: number, to: number, Period: number, ScanBy?: string) => {
    const MetricStat = { Metric: { Namespace: 'Test', MetricName: 'm' }, Period, Stat: 'Sum' };
    const queries = { MetricDataQueries: [{ Id: 'q', MetricStat }], StartTime: from, EndTime: to, ScanBy };
    return (await h.call('GetMetricData', queries)).MetricDataResults[0];
  };
  const two = await ask(t0 + 60, t0 + 180, 60, 'TimestampAscending');
  assert.deepEqual(two.Values, [1, 2]);
  assert.deepEqual(two.Timestamps, [t0 + 60, t0 + 120]);
  assert.equal(two.StatusCode, 'Complete');
  assert.equal(two.Label, 'm');
  assert.deepEqual((await ask(t0, t0 + 120, 60)).Values, [1, 0], 'newest first by default');
  assert.deepEqual((await ask(t0, t0 + 600, 300, 'TimestampAscending')).Values, [10, 35]);
  assert.deepEqual(
    (await ask(t0 + 30, t0 + 120, 60, 'TimestampAscending')).Values,
    [0, 1],
    'start rounded to the minute',
  );
});

test('high resolution lasts three hours, minutes fifteen days', async () => {
  const h = cloudWatchHarness();
  await h.put(1, 'm', { StorageResolution: 1 });
  h.clock.advance(5_000);
  await h.put(2, 'm', { StorageResolution: 1 });
  assert.deepEqual(await h.values('Sum', 1, 30), [1, 2]);
  h.clock.advance(4 * 3_600_000);
  await h.put(3);
  assert.deepEqual(await h.values('Sum', 1, 5 * 3_600), [3]);
  assert.deepEqual(await h.values('Sum', 60, 5 * 3_600), [3, 3]);
  h.clock.advance(16 * 86_400_000);
  await h.put(4);
  assert.deepEqual(await h.values('Sum', 60, 86_400 * 30), [4]);
});

test('values with counts, and statistic sets', async () => {
  const h = cloudWatchHarness();
  await h.put(0, 'v', { Value: undefined, Values: [1, 10], Counts: [3, 1] });
  assert.deepEqual(await h.values('Average', 60, 60, 'v'), [13 / 4]);
  assert.deepEqual(await h.values('p75', 60, 60, 'v'), [1]);
  const StatisticValues = { SampleCount: 4, Sum: 20, Minimum: 2, Maximum: 9 };
  await h.put(0, 's', { Value: undefined, StatisticValues });
  assert.deepEqual(await h.values('Average', 60, 60, 's'), [5]);
  assert.deepEqual(await h.values('Maximum', 60, 60, 's'), [9]);
  assert.deepEqual(await h.values('p50', 60, 60, 's'), [], 'a statistic set has no percentiles');
});

test('what PutMetricData refuses', async () => {
  const h = cloudWatchHarness();
  const bad = async (datum: object, code = 'InvalidParameterValueException', Namespace = 'Test') => {
    const error = await errorOf(h.call('PutMetricData', { Namespace, MetricData: [{ MetricName: 'm', ...datum }] }));
    assert.equal(error.code, code, JSON.stringify(datum));
  };
  await bad({ Value: 1 }, 'InvalidParameterValueException', 'AWS/SQS');
  await bad({}, 'MissingRequiredParameterException');
  await bad({ Value: 'x' });
  await bad({ Value: 1, Values: [1] }, 'InvalidParameterCombinationException');
  await bad({ Values: [1], Counts: [1, 2] });
  await bad({ Value: 1, Timestamp: now(h) - 15 * 86_400 });
  await bad({ Value: 1, Timestamp: now(h) + 3 * 3_600 });
  await bad({ Value: 1, Unit: 'Parsecs' });
  await bad({ Value: 1, StorageResolution: 2 });
  await bad({ Value: 1, Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `d${i}`, Value: 'x' })) });
  await bad({ Value: 1, Dimensions: [{ Name: 'd' }] }, 'MissingRequiredParameterException');
  await bad({ MetricName: undefined, Value: 1 }, 'MissingRequiredParameterException');
  assert.equal(await codeOf(h.call('PutMetricData', { Namespace: 'Test' })), 'MissingRequiredParameterException');
  assert.deepEqual((await h.call('ListMetrics')).Metrics, [], 'and nothing was stored');
  await h.put(1, 'late', { Timestamp: now(h) - 86_400 });
  assert.deepEqual(await h.values('Sum', 60, 86_460, 'late'), [1]);
});

test('metric math over ids, functions and METRICS()', async () => {
  const h = cloudWatchHarness();
  for (const [a, b] of [
    [10, 2],
    [20, 0],
    [30, 3],
  ]) {
    await h.put(a as number, 'a');
    await h.put(b as number, 'b');
    h.clock.advance(60_000);
  }
  await h.put(40, 'a');
  const end = now(h) + 60;
  const metric = (Id: string) => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace: 'Test', MetricName: Id }, Period: 60, Stat: 'Sum' },
  });
  const calculate = async (Expression: string) => {
    const MetricDataQueries = [{ Id: 'e', Expression }, metric('a'), metric('b')];
    const range = { StartTime: end - 300, EndTime: end, ScanBy: 'TimestampAscending' };
    return (await h.call('GetMetricData', { MetricDataQueries, ...range })).MetricDataResults[0].Values;
  };
  assert.deepEqual(await calculate('a / b'), [5, 10], 'no point where a division has no result or a point is missing');
  assert.deepEqual(await calculate('2 * (a - b) + 1'), [17, 41, 55]);
  assert.deepEqual(await calculate('-a * -1'), [10, 20, 30, 40]);
  assert.deepEqual(await calculate('a + FILL(b, 0)'), [12, 20, 33, 40]);
  assert.deepEqual(await calculate('FILL(b, REPEAT)'), [2, 0, 3, 3]);
  assert.deepEqual(await calculate('SUM(METRICS())'), [12, 20, 33, 40]);
  assert.deepEqual(await calculate('MAX([a, b])'), [10, 20, 30, 40]);
  assert.deepEqual(await calculate('a - AVG(a)'), [-15, -5, 5, 15]);
  assert.deepEqual(await calculate('CEIL(a / 7)'), [2, 3, 5, 6]);
  for (const wrong of ['SEARCH("x")', 'a +', 'a b', '(a', 'c', 'e', 'STDDEV(a)', 'SUM()', '1 $ 2', '('.repeat(5000)])
    assert.equal(await codeOf(calculate(wrong)), 'ValidationException', wrong.slice(0, 20));
});

test('any text as an expression gives values or a ValidationException', async () => {
  const h = cloudWatchHarness();
  const parts = fc.constantFrom(
    'a',
    '1',
    '+',
    '-',
    '*',
    '/',
    '(',
    ')',
    ',',
    'SUM',
    'FILL',
    'METRICS()',
    '[',
    ']',
    'REPEAT',
    ' ',
    '$',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(parts, { minLength: 1, maxLength: 12 }), async (list) => {
      const metric = { Id: 'a', MetricStat: { Metric: { Namespace: 'T', MetricName: 'a' }, Period: 60, Stat: 'Sum' } };
      const MetricDataQueries = [{ Id: 'e', Expression: list.join('') || '1' }, metric];
      const input = { MetricDataQueries, StartTime: now(h) - 600, EndTime: now(h) };
      try {
        await h.call('GetMetricData', input);
      } catch (error) {
        assert.equal((error as Error).name, 'ValidationException', list.join(''));
      }
    }),
    { numRuns: 500 },
  );
});

test('GetMetricData pages by MaxDatapoints', async () => {
  const h = cloudWatchHarness();
  for (let i = 0; i < 7; i++) {
    await h.put(i);
    await h.put(10 + i, 'n');
    h.clock.advance(60_000);
  }
  const query = (MetricName: string) => ({
    Id: MetricName,
    MetricStat: { Metric: { Namespace: 'Test', MetricName }, Period: 60, Stat: 'Sum' },
  });
  const all: Record<string, number[]> = { m: [], n: [] };
  let NextToken: string | undefined;
  let pages = 0;
  do {
    const range = {
      StartTime: now(h) - 600,
      EndTime: now(h),
      ScanBy: 'TimestampAscending',
      MaxDatapoints: 5,
      NextToken,
    };
    const page = await h.call('GetMetricData', { MetricDataQueries: [query('m'), query('n')], ...range });
    for (const result of page.MetricDataResults) all[result.Id]?.push(...result.Values);
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken);
  assert.equal(pages, 3);
  assert.deepEqual(all, { m: [0, 1, 2, 3, 4, 5, 6], n: [10, 11, 12, 13, 14, 15, 16] });
});

test('what GetMetricData refuses', async () => {
  const h = cloudWatchHarness();
  const stat = (more: object = {}) => ({
    Metric: { Namespace: 'T', MetricName: 'm' },
    Period: 60,
    Stat: 'Sum',
    ...more,
  });
  const refused = async (queries: object[], more: object = {}) =>
    codeOf(h.call('GetMetricData', { MetricDataQueries: queries, StartTime: 1, EndTime: 100, ...more }));
  assert.equal(await refused([{ Id: 'A', MetricStat: stat() }]), 'ValidationException');
  assert.equal(await refused([{ Id: 'a', MetricStat: stat({ Period: 7 }) }]), 'ValidationException');
  assert.equal(await refused([{ Id: 'a', MetricStat: stat({ Stat: 'Median' }) }]), 'ValidationException');
  assert.equal(await refused([{ Id: 'a' }]), 'ValidationException');
  assert.equal(
    await refused([
      { Id: 'a', MetricStat: stat() },
      { Id: 'a', MetricStat: stat() },
    ]),
    'ValidationException',
  );
  assert.equal(await refused([{ Id: 'a', MetricStat: stat() }], { EndTime: 1 }), 'ValidationException');
  assert.equal(await refused([{ Id: 'a', MetricStat: stat() }], { NextToken: 'x' }), 'InvalidNextToken');
  assert.equal(
    await refused(Array.from({ length: 501 }, (_, i) => ({ Id: `a${i}`, MetricStat: stat() }))),
    'ValidationException',
  );
});

test('ListMetrics filters; GetMetricStatistics still works', async () => {
  const h = cloudWatchHarness();
  const Dimensions = [
    { Name: 'b', Value: '2' },
    { Name: 'a', Value: '1' },
  ];
  await h.put(1, 'm', { Dimensions, Unit: 'Seconds' });
  await h.put(1, 'n');
  const list = async (filter: Record<string, unknown>) => (await h.call('ListMetrics', filter)).Metrics.length;
  assert.equal(await list({}), 2);
  assert.equal(await list({ MetricName: 'm', Namespace: 'Test' }), 1);
  assert.equal(await list({ Dimensions: [{ Name: 'a' }] }), 1);
  assert.equal(await list({ Dimensions: [{ Name: 'a', Value: '2' }] }), 0);
  assert.equal(await list({ RecentlyActive: 'PT3H' }), 2);
  const reply = await h.call('GetMetricStatistics', {
    Namespace: 'Test',
    MetricName: 'm',
    Dimensions: Dimensions.toReversed(),
    StartTime: now(h) - 60,
    EndTime: now(h) + 60,
    Period: 60,
    Statistics: ['Sum', 'Maximum'],
    ExtendedStatistics: ['p99'],
  });
  assert.equal(reply.Datapoints.length, 1);
  assert.equal(reply.Datapoints[0].Unit, 'Seconds');
  assert.deepEqual(reply.Datapoints[0].ExtendedStatistics, { p99: 1 });
});

test.run();
