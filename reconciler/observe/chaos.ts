import { DescribeAlarmsCommand, type DescribeAlarmsCommandOutput } from '@aws-sdk/client-cloudwatch';
import { GetParameterCommand, type GetParameterCommandOutput } from '@aws-sdk/client-ssm';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { ChaosReadings, Instant, Reading } from '../../policies/model/observation.ts';
import type { RequiredReadings } from '../../policies/model/required-readings.ts';
import type { Aws } from '../aws/client.ts';
import { classify } from '../aws/errors.ts';
import { QueueAccessReader } from './queue-access.ts';
import { read } from './reading.ts';
import { ServiceDetailReader } from './service-detail.ts';
import type { QueueReader } from './sqs.ts';
import type { TaskReader } from './tasks.ts';

/** Reads what an experiment wants, and nothing else: most policies want nothing most of the time. */
export class ChaosReader {
  readonly #aws: Aws;
  readonly #now: () => Instant;
  readonly #access: QueueAccessReader;
  readonly #detail: ServiceDetailReader;
  readonly #tasks: TaskReader;

  constructor(aws: Aws, now: () => Instant, queues: QueueReader, tasks: TaskReader) {
    this.#aws = aws;
    this.#now = now;
    this.#access = new QueueAccessReader(aws, queues);
    this.#detail = new ServiceDetailReader(aws);
    this.#tasks = tasks;
  }

  async readings(
    { queue, service }: PolicySpec,
    requiredReadings: RequiredReadings,
    signal?: AbortSignal,
  ): Promise<ChaosReadings | undefined> {
    const readers: { [K in keyof ChaosReadings]-?: [wanted: unknown, action: string, get: () => Promise<unknown>] } = {
      tasks: [requiredReadings.tasks, 'ecs:ListTasks', () => this.#tasks.running(service)],
      access: [requiredReadings.access, 'sqs:GetQueueAttributes', () => this.#access.access(queue, signal)],
      network: [requiredReadings.network, 'ecs:DescribeServices', () => this.#detail.network(service, signal)],
      role: [requiredReadings.role, 'ecs:DescribeTaskDefinition', () => this.#detail.role(service, signal)],
      deadLetters: [
        requiredReadings.deadLetters,
        'sqs:GetQueueAttributes',
        () => this.#access.deadLetters(queue, signal),
      ],
      flag: [requiredReadings.flag, 'ssm:GetParameter', () => this.#parameter(requiredReadings.flag!, signal)],
      alarms: [
        requiredReadings.alarms,
        'cloudwatch:DescribeAlarms',
        () => this.#alarms(requiredReadings.alarms!, signal),
      ],
    };
    const wanted = Object.entries(readers).filter(([, [want]]) => want);
    if (wanted.length === 0) return undefined;
    const found = await Promise.all(
      wanted.map(async ([key, [, action, get]]) => [key, await read(action, this.#now, get)] as const),
    );
    return Object.fromEntries(found) as { [K in keyof ChaosReadings]: Reading<never> };
  }

  async #parameter(Name: string, signal?: AbortSignal): Promise<string | undefined> {
    try {
      const { Parameter } = await this.#aws.call<GetParameterCommandOutput>(
        'ssm',
        'ssm:GetParameter',
        new GetParameterCommand({ Name }),
        signal,
      );
      return Parameter?.Value;
    } catch (error) {
      if (classify(error, 'ssm:GetParameter').code === 'ParameterNotFound') return undefined;
      throw error;
    }
  }

  /** The state of each alarm, MISSING for one that is not there. */
  async #alarms(AlarmNames: string[], signal?: AbortSignal): Promise<Record<string, string>> {
    const { MetricAlarms = [], CompositeAlarms = [] } = await this.#aws.call<DescribeAlarmsCommandOutput>(
      'cloudwatch',
      'cloudwatch:DescribeAlarms',
      new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
      signal,
    );
    const states = new Map([...MetricAlarms, ...CompositeAlarms].map((a) => [a.AlarmName, a.StateValue]));
    return Object.fromEntries(AlarmNames.map((name) => [name, states.get(name) ?? 'MISSING']));
  }
}
