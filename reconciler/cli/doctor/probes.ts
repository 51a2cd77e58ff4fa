/** One harmless call for each grant of the reconciler: it shows whether AWS allows the action, and changes nothing. */
import { DescribeAlarmsCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  GetTaskProtectionCommand,
  ListTasksCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand, GetParameterHistoryCommand, GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import type { Clients } from '../../aws/clients.ts';
import { heartbeatParameterOf } from '../../lead/heartbeat.ts';

export interface Subject {
  /** The policy's name. */
  name: string;
  /** Parameter paths; each ends in a slash. */
  prefix: string;
  statusPrefix: string;
  requestsPrefix: string;
  /** The first queue, or the only one. */
  queue: string;
  queues: readonly string[];
  deadLetters: string | undefined;
  cluster: string;
  service: string;
  /** The URL of the queue of change events. */
  wakeQueue: string | undefined;
  /** Parameters that a fault writes. */
  flags: readonly string[];
}

/** Makes the call; undefined for a grant that cannot be tried without changing something. */
export type Probe = (aws: Clients, subject: Subject) => Promise<unknown>;

const list =
  (pick: (subject: Subject) => string): Probe =>
  ({ ssm }, subject) =>
    ssm.send(new GetParametersByPathCommand({ Path: pick(subject).replace(/\/$/, ''), MaxResults: 1 }));

const read =
  (pick: (subject: Subject) => string): Probe =>
  ({ ssm }, subject) =>
    // A parameter that is not there is an answer too: AWS checks the permission first.
    ssm.send(new GetParameterCommand({ Name: pick(subject) })).catch(unlessNotFound);

const unlessNotFound = (error: Error): void => {
  if (error.name !== 'ParameterNotFound') throw error;
};

const urlOf = async ({ sqs }: Clients, QueueName: string): Promise<string | undefined> =>
  (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
const depth = async (aws: Clients, name: string): Promise<unknown> =>
  aws.sqs.send(new GetQueueAttributesCommand({ QueueUrl: await urlOf(aws, name), AttributeNames: ['QueueArn'] }));

const serviceOf = async ({ ecs }: Clients, { cluster, service }: Subject) => {
  const { services, failures } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  const [found] = services ?? [];
  if (!found)
    throw Object.assign(new Error(`no service ${cluster}/${service}`), { name: failures?.[0]?.reason ?? 'MISSING' });
  return found;
};

/** By statement and action of infra/aws/blueprint/permissions. */
export const PROBES: Readonly<Record<string, Probe>> = {
  'ListPolicies ssm:GetParametersByPath': list((s) => s.prefix),
  'ListRequests ssm:GetParametersByPath': list((s) => s.requestsPrefix),
  'ListStatuses ssm:GetParametersByPath': list((s) => s.statusPrefix),
  'ReadPolicies ssm:GetParameter': read((s) => s.prefix + s.name),
  'ReadPolicies ssm:GetParameterHistory': ({ ssm }, { prefix, name }) =>
    ssm.send(new GetParameterHistoryCommand({ Name: prefix + name, MaxResults: 1 })).catch(unlessNotFound),
  'KeepStatus ssm:GetParameter': read((s) => s.statusPrefix + s.name),
  'KeepHeartbeat ssm:GetParameter': read((s) => heartbeatParameterOf(s.prefix)),
  'ReadQueues sqs:GetQueueUrl': (aws, { queues }) => Promise.all(queues.map((queue) => urlOf(aws, queue))),
  'ReadQueues sqs:GetQueueAttributes': (aws, { queues }) => Promise.all(queues.map((queue) => depth(aws, queue))),
  'ReadDeadLetters sqs:GetQueueUrl': (aws, { deadLetters = '' }) => urlOf(aws, deadLetters),
  'ReadDeadLetters sqs:GetQueueAttributes': (aws, { deadLetters = '' }) => depth(aws, deadLetters),
  'ReadServices ecs:DescribeServices': (aws, subject) => serviceOf(aws, subject),
  'ListTasks ecs:ListTasks': ({ ecs }, { cluster, service: serviceName }) =>
    ecs.send(new ListTasksCommand({ cluster, serviceName, maxResults: 1 })),
  // A task that does not exist is told as a failure inside a good answer.
  'ReadProtection ecs:GetTaskProtection': ({ ecs }, { cluster }) =>
    ecs.send(new GetTaskProtectionCommand({ cluster, tasks: ['00000000000000000000000000000000'] })),
  'ReadTasks ecs:DescribeTasks': ({ ecs }, { cluster }) =>
    ecs.send(new DescribeTasksCommand({ cluster, tasks: ['00000000000000000000000000000000'] })),
  'ReadMetrics cloudwatch:GetMetricData': ({ cloudwatch }, { queue }) => {
    const Metric = {
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: queue }],
    };
    return cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(Date.now() - 600_000),
        EndTime: new Date(),
        MetricDataQueries: [{ Id: 'age', MetricStat: { Metric, Period: 60, Stat: 'Maximum' } }],
      }),
    );
  },
  'ReadAlarms cloudwatch:DescribeAlarms': ({ cloudwatch }) =>
    cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 1 })),
  'FindWorkersRole ecs:DescribeTaskDefinition': async (aws, subject) => {
    const { taskDefinition } = await serviceOf(aws, subject);
    return aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  },
  'SetFlags ssm:GetParameter': read((s) => s.flags[0] ?? ''),
  'HearChanges sqs:ReceiveMessage': ({ sqs }, { wakeQueue }) =>
    // A visibility timeout of 0 leaves the event for the reconciler.
    sqs.send(new ReceiveMessageCommand({ QueueUrl: wakeQueue, WaitTimeSeconds: 0, VisibilityTimeout: 0 })),
};

/** The one write, with `--write`: the count that the service has already. */
export const WRITES: Readonly<Record<string, Probe>> = {
  'SetDesiredCount ecs:UpdateService': async (aws, subject) => {
    const { desiredCount } = await serviceOf(aws, subject);
    const { cluster, service } = subject;
    return aws.ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
  },
};
