import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { ChaosReadings, Instant, Reading } from '../../policies/model/observation.ts';
import type { RequiredReadings } from '../../policies/model/required-readings.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { ParameterStore } from '../aws/parameters.ts';
import { QueueAccessReader } from './queue-access.ts';
import { read } from './reading.ts';
import { ServiceDetailReader } from './service-detail.ts';
import type { QueueReader } from './sqs.ts';
import type { TaskReader } from './tasks.ts';

/** Reads what an experiment wants, and nothing else: most policies want nothing most of the time. */
export class ChaosReader {
  readonly #cloudwatch: Clients['cloudwatch'];
  readonly #parameters: ParameterStore;
  readonly #now: () => Instant;
  readonly #access: QueueAccessReader;
  readonly #detail: ServiceDetailReader;
  readonly #tasks: TaskReader;

  constructor(aws: Clients, now: () => Instant, queues: QueueReader, tasks: TaskReader) {
    this.#cloudwatch = aws.cloudwatch;
    this.#parameters = new ParameterStore(aws, '');
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
      flag: [requiredReadings.flag, 'ssm:GetParameter', () => this.#flag(requiredReadings.flag!, signal)],
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

  /** Returns the flag's value; undefined when there is no such parameter. */
  async #flag(name: string, signal?: AbortSignal): Promise<string | undefined> {
    return (await this.#parameters.find(name, undefined, signal))?.text;
  }

  /** The state of each alarm, MISSING for one that is not there. */
  async #alarms(AlarmNames: string[], signal?: AbortSignal): Promise<Record<string, string>> {
    const { MetricAlarms = [], CompositeAlarms = [] } = await this.#cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
      abortedBy(signal),
    );
    const states = new Map([...MetricAlarms, ...CompositeAlarms].map((a) => [a.AlarmName, a.StateValue]));
    return Object.fromEntries(AlarmNames.map((name) => [name, states.get(name) ?? 'MISSING']));
  }
}
