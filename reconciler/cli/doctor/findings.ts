/** Looks around a policy's queue and service for everything that spoils scaling although every call is allowed. */
import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { DescribeServicesCommand, GetTaskProtectionCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import { GetQueueAttributesCommand, GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import type { Clients } from '../../aws/clients.ts';
import type { Subject } from './probes.ts';

export interface Finding {
  /** A problem ends the command with status 1; a note does not. */
  kind: 'problem' | 'note';
  text: string;
  todo: string;
}

export interface Surroundings {
  findings: Finding[];
  /** Twelve digits; undefined when no answer told them. */
  accountId: string | undefined;
  partition: string;
}

/** Below this AWS accepts a request's signature all the same. */
const SKEW_MS = 60_000;

/** Returns what the answers say. A call that is not allowed says nothing here; its row says so. */
export async function lookAround(
  aws: Clients,
  subject: Subject,
  jobSeconds: number | undefined,
): Promise<Surroundings> {
  const queue = await attributesOf(aws, subject.queue).catch(() => undefined);
  const serviceArn = await serviceArnOf(aws, subject).catch(() => undefined);
  const [, partition = 'aws', accountId] =
    /^arn:([\w-]+):\w+:[\w-]+:(\d{12}):/.exec(queue?.QueueArn ?? serviceArn ?? '') ?? [];
  const findings = [
    ...(queue ? aboutQueue(queue, subject, jobSeconds) : []),
    ...(await aboutScalers(aws, subject).catch(() => [])),
    ...(await aboutProtection(aws, subject).catch(() => [])),
    ...aboutClock(aws.sqs.config.systemClockOffset),
  ];
  return { findings, accountId, partition };
}

async function attributesOf({ sqs }: Clients, QueueName: string): Promise<Record<string, string>> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  return (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};
}

const serviceArnOf = async ({ ecs }: Clients, { cluster, service }: Subject): Promise<string | undefined> =>
  (await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }))).services?.[0]?.serviceArn;

function aboutQueue(
  { RedrivePolicy, VisibilityTimeout }: Record<string, string>,
  { queue }: Subject,
  jobSeconds: number | undefined,
): Finding[] {
  const findings: Finding[] = [];
  if (!RedrivePolicy)
    findings.push({
      kind: 'problem',
      text: `${queue} has no dead-letter queue: a message that no worker can process keeps workers busy for ever`,
      todo: 'give the queue a redrive policy, with maxReceiveCount 3 or more',
    });
  const timeout = Number(VisibilityTimeout);
  if (jobSeconds !== undefined && timeout < jobSeconds)
    findings.push({
      kind: 'problem',
      text: `${queue} shows a message again after ${timeout} s, and jobs take ${jobSeconds.toFixed(0)} s: each is processed more than once`,
      todo: 'raise the visibility timeout above the longest job, or let workers extend it',
    });
  return findings;
}

/** Application Auto Scaling acts by alarms whose actions name the service; schedules without an alarm are not seen. */
async function aboutScalers({ cloudwatch }: Clients, { cluster, service }: Subject): Promise<Finding[]> {
  const target = `:resource/ecs/service/${cluster}/${service}:`;
  const names: string[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms(
    { client: cloudwatch },
    { AlarmTypes: ['MetricAlarm'] },
  ))
    for (const { AlarmName = '', AlarmActions = [] } of MetricAlarms)
      if (AlarmActions.some((action) => action.includes(target))) names.push(AlarmName);
  if (names.length === 0) return [];
  return [
    {
      kind: 'problem',
      text: `Application Auto Scaling also scales ${cluster}/${service}, by the alarms ${names.join(', ')}: two scalers fight`,
      todo: `take its target away: aws application-autoscaling deregister-scalable-target --service-namespace ecs --scalable-dimension ecs:service:DesiredCount --resource-id service/${cluster}/${service}`,
    },
  ];
}

/** Without protection ECS chooses itself which tasks a scale-in stops. */
async function aboutProtection({ ecs }: Clients, { cluster, service: serviceName }: Subject): Promise<Finding[]> {
  const { taskArns: tasks = [] } = await ecs.send(new ListTasksCommand({ cluster, serviceName, maxResults: 10 }));
  if (tasks.length === 0) return [];
  const { protectedTasks = [] } = await ecs.send(new GetTaskProtectionCommand({ cluster, tasks }));
  if (protectedTasks.some((task) => task.protectionEnabled)) return [];
  return [
    {
      kind: 'note',
      text: `none of ${tasks.length} tasks protects itself: a scale-in may stop a task that is busy`,
      todo: 'let workers switch task protection on while they work; see examples/worker/protection.ts',
    },
  ];
}

function aboutClock(offset: number): Finding[] {
  if (Math.abs(offset) < SKEW_MS) return [];
  return [
    {
      kind: 'problem',
      text: `the clock of this machine differs from AWS's by ${Math.round(Math.abs(offset) / 1_000)} s`,
      todo: 'set the clock; AWS refuses signatures that are more than 5 minutes off',
    },
  ];
}
