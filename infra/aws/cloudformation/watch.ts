/** The resources that watch the reconciler: its log, the metrics of it, alarms, and the topic that they call. */
import {
  type AlarmSpec,
  ageAlarm,
  LOG_METRICS,
  STARTS_OF_ONE_TASK,
  stackAlarms,
  type WatchedQueue,
} from '../blueprint/alarms.ts';
import { LOG_GROUP, NAMESPACE, STACK_NAME } from './names.ts';
import { ref, substitute, type Value } from './substitute.ts';

/** `loop-silent` is `LoopSilent`: a logical name takes letters and digits only. */
export const logicalName = (name: string): string =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

/** A condition tells one task from two: templates cannot multiply. */
const STARTS: Value = { 'Fn::If': ['HasStandby', 2 * STARTS_OF_ONE_TASK, STARTS_OF_ONE_TASK] };

export function watching(queues: readonly WatchedQueue[]): Record<string, Value> {
  const metrics = LOG_METRICS.map(({ name, pattern, metric }): [string, Value] => [
    `${logicalName(name)}Metric`,
    {
      Type: 'AWS::Logs::MetricFilter',
      Properties: {
        LogGroupName: ref('LogGroup'),
        FilterPattern: pattern,
        MetricTransformations: [
          substitute({ MetricNamespace: NAMESPACE, MetricName: metric, MetricValue: '1', Unit: 'Count' }),
        ],
      },
    },
  ]);
  const age = queues.map((queue) => ({
    ...ageAlarm(queue, 0),
    description: `Messages wait too long in ${queue.queue}. docs/operations.md#oldest-age`,
  }));
  const alarms = [
    ...stackAlarms(NAMESPACE).map((spec) => alarmOf(spec, spec.metric === 'Starts' ? STARTS : spec.threshold)),
    ...age.map((spec) => alarmOf(spec, ref('OldestAgeAlarm'))),
  ];
  return {
    LogGroup: {
      Type: 'AWS::Logs::LogGroup',
      // A log outlives its stack, so that a failed deployment can still be looked into.
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { LogGroupName: substitute(LOG_GROUP), RetentionInDays: ref('LogRetentionDays') },
    },
    AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: substitute(STACK_NAME) } },
    AlarmSubscription: {
      Type: 'AWS::SNS::Subscription',
      Condition: 'HasAlarmEmail',
      Properties: { TopicArn: ref('AlarmTopic'), Protocol: 'email', Endpoint: ref('AlarmEmail') },
    },
    ...Object.fromEntries(metrics),
    ...Object.fromEntries(alarms),
  };
}

function alarmOf(spec: AlarmSpec, threshold: Value): [string, Value] {
  const Dimensions = Object.entries(spec.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value }));
  return [
    `${logicalName(spec.name)}Alarm`,
    {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: substitute(`${STACK_NAME}-${spec.name}`),
        AlarmDescription: spec.description,
        AlarmActions: [ref('AlarmTopic')],
        OKActions: [ref('AlarmTopic')],
        Namespace: substitute(spec.namespace),
        MetricName: spec.metric,
        ...(Dimensions.length > 0 ? { Dimensions } : {}),
        Statistic: spec.statistic,
        Period: spec.period,
        EvaluationPeriods: spec.periods,
        DatapointsToAlarm: spec.periods,
        Threshold: threshold,
        ComparisonOperator: spec.comparison,
        TreatMissingData: spec.missing,
      },
    },
  ];
}
