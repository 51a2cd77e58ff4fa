import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { type AlarmSpec, ageAlarm, LOG_METRICS, stackAlarms, type WatchedQueue } from '../blueprint/alarms.ts';

export interface AlarmsArgs {
  logGroup: pulumi.Input<string>;
  /** The namespace of the metrics that CloudWatch makes of log lines. */
  namespace: string;
  /** Tasks of the reconciler. */
  reconcilers: number;
  queues: WatchedQueue[];
  /** Seconds. */
  oldestAge: number;
  emails: string[];
  kmsKeyArn?: string | undefined;
}

/** Makes the alarms of blueprint/alarms.ts, the metrics that feed them, and the topic that they call. */
export class Alarms extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:Alarms', name, {}, opts);
    const parent = { parent: this };
    const { namespace, logGroup: logGroupName, queues, oldestAge } = args;
    const topic = new aws.sns.Topic(
      name,
      { name, ...(args.kmsKeyArn === undefined ? {} : { kmsMasterKeyId: args.kmsKeyArn }) },
      parent,
    );
    this.topicArn = topic.arn;
    for (const endpoint of args.emails)
      new aws.sns.TopicSubscription(`${name}-${endpoint}`, { topic: topic.arn, protocol: 'email', endpoint }, parent);
    for (const { name: short, pattern, metric } of LOG_METRICS)
      new aws.cloudwatch.LogMetricFilter(
        `${name}-${short}`,
        {
          name: `${name}-${short}`,
          logGroupName,
          pattern,
          metricTransformation: { namespace, name: metric, value: '1', unit: 'Count' },
        },
        parent,
      );
    for (const spec of [
      ...stackAlarms(namespace, args.reconcilers),
      ...queues.map((queue) => ageAlarm(queue, oldestAge)),
    ])
      new aws.cloudwatch.MetricAlarm(`${name}-${spec.name}`, alarmOf(name, spec, [topic.arn]), parent);
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

function alarmOf(
  stack: string,
  spec: AlarmSpec,
  actions: pulumi.Input<string>[],
): aws.cloudwatch.MetricAlarmArgs & { name: string } {
  return {
    name: `${stack}-${spec.name}`,
    alarmDescription: spec.description,
    alarmActions: actions,
    okActions: actions,
    namespace: spec.namespace,
    metricName: spec.metric,
    ...(spec.dimensions ? { dimensions: spec.dimensions } : {}),
    statistic: spec.statistic,
    period: spec.period,
    evaluationPeriods: spec.periods,
    datapointsToAlarm: spec.periods,
    threshold: spec.threshold,
    comparisonOperator: spec.comparison,
    treatMissingData: spec.missing,
  };
}
