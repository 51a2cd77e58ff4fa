import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { ChaosReadings, Instant, Reading } from '../../policies/model/observation.ts';
import type { RequiredReadings } from '../../policies/model/required-readings.ts';
import { alarmStates } from '../aws/border/cloudwatch.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { ParameterStore } from '../aws/parameters.ts';
import { QueueAccessReader } from './queue-access.ts';
import { readWithin } from './reading.ts';
import { ServiceDetailReader } from './service-detail.ts';
import type { QueueReader } from './sqs.ts';
import type { TaskReader } from './tasks.ts';

type Get<T> = (signal: AbortSignal) => Promise<T>;

/** Reads what experiments need, and nothing else: most policies need nothing most of the time. */
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

  /**
   * Returns the readings that are required; undefined when none is. Each has `limit` milliseconds: scaling does not wait for
   * an experiment, and an experiment does not go by what was known before.
   */
  async readings(
    { queue, queues, service }: PolicySpec,
    required: RequiredReadings,
    limit: number,
  ): Promise<ChaosReadings | undefined> {
    const { flag, alarms } = required;
    const read = async <T>(wanted: unknown, action: string, get: Get<T>): Promise<Reading<T> | undefined> =>
      wanted ? readWithin(limit, action, this.#now, get) : undefined;
    const [tasks, access, network, role, deadLetters, flagValue, alarmsNow] = await Promise.all([
      read(required.tasks, 'ecs:ListTasks', (signal) => this.#tasks.running(service, signal)),
      read(required.access, 'sqs:GetQueueAttributes', (signal) => this.#access.access(queue, signal)),
      read(required.network, 'ecs:DescribeServices', (signal) => this.#detail.network(service, signal)),
      read(required.role, 'ecs:DescribeTaskDefinition', (signal) => this.#detail.role(service, signal)),
      read(required.deadLetters, 'sqs:GetQueueAttributes', (signal) => this.#deadLetters(queues, signal)),
      read(flag, 'ssm:GetParameter', (signal) => this.#flag(flag ?? '', signal)),
      read(alarms, 'cloudwatch:DescribeAlarms', (signal) => this.#alarms(alarms ?? [], signal)),
    ]);
    const readings: ChaosReadings = {
      ...(tasks ? { tasks } : {}),
      ...(access ? { access } : {}),
      ...(network ? { network } : {}),
      ...(role ? { role } : {}),
      ...(deadLetters ? { deadLetters } : {}),
      ...(flagValue ? { flag: flagValue } : {}),
      ...(alarmsNow ? { alarms: alarmsNow } : {}),
    };
    return Object.keys(readings).length > 0 ? readings : undefined;
  }

  /** Returns the messages in the dead-letter queues together; undefined when no queue has one. */
  async #deadLetters(queues: PolicySpec['queues'], signal: AbortSignal): Promise<number | undefined> {
    const each = await Promise.all(queues.map((queue) => this.#access.deadLetters(queue, signal)));
    const known = each.filter((count) => count !== undefined);
    return known.length > 0 ? known.reduce((sum, count) => sum + count) : undefined;
  }

  /** Returns the flag's value; undefined when there is no such parameter. */
  async #flag(name: string, signal: AbortSignal): Promise<string | undefined> {
    return (await this.#parameters.find(name, undefined, signal))?.text;
  }

  /** Returns the state of each alarm, MISSING for one that is not there. */
  async #alarms(names: string[], signal: AbortSignal): Promise<Record<string, string>> {
    const command = new DescribeAlarmsCommand({ AlarmNames: names, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] });
    return alarmStates(await this.#cloudwatch.send(command, abortedBy(signal)), names);
  }
}
