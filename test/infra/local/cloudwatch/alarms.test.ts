import assert from 'node:assert/strict';
import { test } from 'uvu';
import { NO_KEEPER } from '../../../../infra/local/service.ts';
import { compacted, inMemory } from '../kept.ts';
import { codeOf } from '../support.ts';
import { type CloudWatchHarness, cloudWatchHarness } from './harness.ts';

const base = {
  AlarmName: 'age',
  Namespace: 'Test',
  MetricName: 'm',
  Statistic: 'Maximum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 10,
  ComparisonOperator: 'GreaterThanThreshold',
};

const state = async (h: CloudWatchHarness): Promise<string> =>
  (await h.call('DescribeAlarms', { AlarmNames: ['age'] })).MetricAlarms[0].StateValue;

/** Each value for one minute; undefined for none. Returns the state after each. */
async function play(h: CloudWatchHarness, values: (number | undefined)[]): Promise<string[]> {
  const states: string[] = [];
  for (const value of values) {
    if (value !== undefined) await h.put(value);
    h.clock.advance(60_000);
    states.push(await state(h));
  }
  return states;
}

test('an alarm follows its metric', async () => {
  const h = cloudWatchHarness();
  await h.call('PutMetricAlarm', base);
  assert.equal(await state(h), 'INSUFFICIENT_DATA');
  assert.deepEqual(await play(h, [5, 11, 10, undefined]), ['OK', 'ALARM', 'OK', 'INSUFFICIENT_DATA']);
  const { AlarmHistoryItems } = await h.call('DescribeAlarmHistory', {
    AlarmName: 'age',
    HistoryItemType: 'StateUpdate',
  });
  assert.deepEqual(
    AlarmHistoryItems.map((item: { HistorySummary: string }) => item.HistorySummary),
    [
      'Alarm updated from OK to INSUFFICIENT_DATA',
      'Alarm updated from ALARM to OK',
      'Alarm updated from OK to ALARM',
      'Alarm updated from INSUFFICIENT_DATA to OK',
    ],
  );
});

test('M out of N, and each way to treat missing data', async () => {
  const with2of3 = async (TreatMissingData: string) => {
    const h = cloudWatchHarness();
    await h.call('PutMetricAlarm', { ...base, EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData });
    return play(h, [20, 5, 20, undefined, undefined, undefined]);
  };
  const [OK, AL, NO] = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];
  assert.deepEqual(await with2of3('notBreaching'), [OK, OK, AL, OK, OK, OK]);
  assert.deepEqual(await with2of3('breaching'), [AL, AL, AL, AL, AL, AL]);
  assert.deepEqual((await with2of3('missing')).at(-1), NO);
  assert.deepEqual((await with2of3('ignore')).at(-1), AL);
});

test('an alarm on an expression', async () => {
  const h = cloudWatchHarness();
  const stat = (MetricName: string) => ({
    Id: MetricName,
    ReturnData: false,
    MetricStat: { Metric: { Namespace: 'Test', MetricName }, Period: 60, Stat: 'Sum' },
  });
  const { Namespace: _n, MetricName: _m, Statistic: _s, Period: _p, ...rest } = base;
  await h.call('PutMetricAlarm', { ...rest, Metrics: [{ Id: 'e', Expression: 'm / n' }, stat('m'), stat('n')] });
  await h.put(2, 'n');
  assert.deepEqual(await play(h, [30]), ['ALARM']);
});

test('SetAlarmState holds until the next evaluation; actions can be switched; deletion', async () => {
  const h = cloudWatchHarness();
  await h.call('PutMetricAlarm', {
    ...base,
    AlarmActions: ['arn:aws:sns:us-east-1:000000000000:t'],
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  await h.call('SetAlarmState', { AlarmName: 'age', StateValue: 'ALARM', StateReason: 'test' });
  assert.equal(await state(h), 'ALARM');
  assert.equal(
    await codeOf(h.call('SetAlarmState', { AlarmName: 'x', StateValue: 'OK', StateReason: '' })),
    'ResourceNotFound',
  );
  await h.call('DisableAlarmActions', { AlarmNames: ['age'] });
  const { MetricAlarms } = await h.call('DescribeAlarms', { StateValue: 'ALARM' });
  assert.equal(MetricAlarms[0].ActionsEnabled, false);
  assert.equal(MetricAlarms[0].StateReason, 'test');
  await h.call('EnableAlarmActions', { AlarmNames: ['age'] });
  assert.deepEqual(await play(h, [1]), ['OK']);
  await h.call('DeleteAlarms', { AlarmNames: ['age', 'never was'] });
  assert.deepEqual((await h.call('DescribeAlarms', { AlarmNamePrefix: 'a' })).MetricAlarms, []);
  h.clock.advance(600_000);
  assert.deepEqual(h.problems, []);
});

test('alarms outlive a restart; bad ones are refused', async () => {
  const h = cloudWatchHarness();
  const kept = inMemory();
  h.cloudwatch.persistent.restore(new Map(), kept.keeper);
  await h.call('PutMetricAlarm', base);
  await h.call('PutMetricAlarm', { ...base, AlarmName: 'gone' });
  await h.call('DisableAlarmActions', { AlarmNames: ['age'] });
  await h.call('DeleteAlarms', { AlarmNames: ['gone'] });
  const again = cloudWatchHarness();
  assert.deepEqual(kept.entities(), compacted(h.cloudwatch.persistent));
  again.cloudwatch.persistent.restore(kept.entities(), NO_KEEPER);
  const { MetricAlarms } = await again.call('DescribeAlarms');
  assert.equal(MetricAlarms.length, 1);
  assert.equal(MetricAlarms[0].Threshold, 10);
  assert.equal(MetricAlarms[0].ActionsEnabled, false);
  for (const wrong of [
    { EvaluationPeriods: 0 },
    { DatapointsToAlarm: 2 },
    { ComparisonOperator: 'Near' },
    { TreatMissingData: 'guess' },
    { Statistic: 'Median' },
    { Period: 61 },
  ])
    assert.equal(
      await codeOf(h.call('PutMetricAlarm', { ...base, ...wrong })),
      'ValidationException',
      JSON.stringify(wrong),
    );
  h.cloudwatch.close();
});

test.run();
