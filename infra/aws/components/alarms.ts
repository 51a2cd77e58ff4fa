import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { LOG_ALARMS, LOOP_SILENT, type WatchedQueue } from '../blueprint/alarms.ts';

export interface AlarmsArgs {
  logGroup: pulumi.Input<string>;
  /** The namespace of the metrics that CloudWatch makes of log lines. */
  namespace: string;
  queues: WatchedQueue[];
  /** Seconds. */
  oldestAge: number;
  emails: string[];
}

const SILENT_MINUTES = 5;

/** Raises alarms: old messages, a loop that does not tick, refused policies, aborted experiments, refused calls. */
export class Alarms extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly names: string[] = [];

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:Alarms', name, {}, opts);
    const parent = { parent: this };
    const topic = new aws.sns.Topic(name, { name }, parent);
    this.topicArn = topic.arn;
    for (const endpoint of args.emails)
      new aws.sns.TopicSubscription(`${name}-${endpoint}`, { topic: topic.arn, protocol: 'email', endpoint }, parent);
    const alarm = (
      short: string,
      spec: Omit<aws.cloudwatch.MetricAlarmArgs, 'name' | 'alarmActions' | 'okActions'>,
    ) => {
      this.names.push(`${name}-${short}`);
      const actions = [topic.arn];
      new aws.cloudwatch.MetricAlarm(
        `${name}-${short}`,
        { name: `${name}-${short}`, alarmActions: actions, okActions: actions, ...spec },
        parent,
      );
    };
    const filter = (short: string, pattern: string, metric: string): void => {
      new aws.cloudwatch.LogMetricFilter(
        `${name}-${short}`,
        {
          name: `${name}-${short}`,
          logGroupName: args.logGroup,
          pattern,
          metricTransformation: { namespace: args.namespace, name: metric, value: '1', unit: 'Count' },
        },
        parent,
      );
    };

    filter(LOOP_SILENT.name, LOOP_SILENT.pattern, LOOP_SILENT.metric);
    alarm('loop-silent', {
      alarmDescription: 'No decision was logged for minutes: nothing scales. docs/operations.md#loop-silent',
      namespace: args.namespace,
      metricName: 'Decisions',
      statistic: 'Sum',
      period: 60,
      evaluationPeriods: SILENT_MINUTES,
      datapointsToAlarm: SILENT_MINUTES,
      threshold: 1,
      comparisonOperator: 'LessThanThreshold',
      // No line at all is just what it is for.
      treatMissingData: 'breaching',
    });
    for (const { name: short, pattern, metric, description } of LOG_ALARMS) {
      filter(short, pattern, metric);
      alarm(short, {
        alarmDescription: description,
        namespace: args.namespace,
        metricName: metric,
        statistic: 'Sum',
        period: 300,
        evaluationPeriods: 1,
        threshold: 1,
        comparisonOperator: 'GreaterThanOrEqualToThreshold',
        treatMissingData: 'notBreaching',
      });
    }
    for (const { policy, queue } of args.queues)
      alarm(`${policy}-oldest-age`, {
        alarmDescription: `Messages wait too long in ${queue}. docs/operations.md#oldest-age`,
        namespace: 'AWS/SQS',
        metricName: 'ApproximateAgeOfOldestMessage',
        dimensions: { QueueName: queue },
        statistic: 'Maximum',
        period: 60,
        evaluationPeriods: 5,
        datapointsToAlarm: 5,
        threshold: args.oldestAge,
        comparisonOperator: 'GreaterThanThreshold',
        // SQS publishes no age for an empty queue.
        treatMissingData: 'notBreaching',
      });
    this.registerOutputs({ topicArn: this.topicArn });
  }
}
