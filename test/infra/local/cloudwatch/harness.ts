/** A CloudWatch on a clock that stands still, with queues and services as a test states them. */
import { ManualClock } from '../../../../infra/local/clock.ts';
import { type CloudWatch, type CloudWatchOptions, createCloudWatch } from '../../../../infra/local/cloudwatch/index.ts';
import type { QueueMetrics } from '../../../../infra/local/context.ts';
import { CredentialStore } from '../../../../infra/local/credentials.ts';
import { ACCOUNT, type Caller, callerOf } from '../support.ts';

export interface CloudWatchHarness {
  clock: ManualClock;
  cloudwatch: CloudWatch;
  call: Caller;
  queues: QueueMetrics[];
  problems: string[];
  /** Puts one value now. */
  put(value: number, name?: string, more?: object): Promise<unknown>;
  /** Values of one metric over the last `seconds`, oldest first. */
  values(stat: string, period: number, seconds: number, name?: string, namespace?: string): Promise<number[]>;
}

export function cloudWatchHarness(options: CloudWatchOptions = {}): CloudWatchHarness {
  const clock = new ManualClock(1_700_000_040_000);
  const queues: QueueMetrics[] = [];
  const problems: string[] = [];
  const cloudwatch = createCloudWatch(
    {
      clock,
      region: 'us-east-1',
      accountId: ACCOUNT,
      endpointUrl: () => 'http://127.0.0.1:4566',
      credentials: new CredentialStore(ACCOUNT),
      onProblem: (message) => problems.push(message),
      sqs: { metrics: () => queues.map((queue) => ({ ...queue })) },
      ssm: { onParameterChange: () => () => {} },
    },
    options,
  );
  const call = callerOf(cloudwatch);
  return {
    clock,
    cloudwatch,
    call,
    queues,
    problems,
    put: (Value, MetricName = 'm', more = {}) =>
      call('PutMetricData', { Namespace: 'Test', MetricData: [{ MetricName, Value, ...more }] }),
    values: async (Stat, Period, seconds, MetricName = 'm', Namespace = 'Test') => {
      const end = clock.now() / 1000 + 1;
      const query = { Id: 'q', MetricStat: { Metric: { Namespace, MetricName }, Period, Stat } };
      const range = { StartTime: end - seconds, EndTime: end, ScanBy: 'TimestampAscending' };
      return (await call('GetMetricData', { MetricDataQueries: [query], ...range })).MetricDataResults[0].Values;
    },
  };
}
