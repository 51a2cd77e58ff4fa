/** Runs message move tasks, which move the messages of a dead-letter queue back at a limited rate. */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { integer, isObject, text } from '../input.ts';
import { type Input, type Keeper, NO_KEEPER } from '../service.ts';
import { invalidParameter, invalidValue, missingParameter, resourceNotFound, unsupportedOperation } from './errors.ts';
import type { Queue } from './queue.ts';
import type { Queues } from './queues.ts';

type Status = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

interface Task {
  handle: string;
  sourceArn: string;
  destinationArn: string | undefined;
  /** Messages a second. */
  rate: number | undefined;
  status: Status;
  moved: number;
  toMove: number;
  startedAt: number;
  failure?: string;
}

/** Source: SQS API Reference, StartMessageMoveTask: at most 500 a second. */
const MAX_RATE = 500;
/** AWS keeps the ten newest tasks of a queue. */
const KEPT = 10;

const KEY = 'move/';

const isTask = (value: unknown): value is Task =>
  isObject(value) && typeof value.handle === 'string' && typeof value.sourceArn === 'string';

export class MoveTasks {
  readonly #queues: Queues;
  readonly #clock: Clock;
  #keeper: Keeper = NO_KEEPER;
  /** By source ARN, newest first. */
  readonly #tasks = new Map<string, Task[]>();

  constructor(queues: Queues, clock: Clock) {
    this.#queues = queues;
    this.#clock = clock;
  }

  restore(entities: ReadonlyMap<string, unknown>, keeper: Keeper): void {
    this.#keeper = keeper;
    for (const [key, tasks] of entities) {
      if (!key.startsWith(KEY)) continue;
      if (!Array.isArray(tasks) || !tasks.every(isTask)) throw new Error(`"${key}" holds no message move tasks`);
      this.#tasks.set(key.slice(KEY.length), tasks);
    }
  }

  /** Goes on with the tasks that were running when the last run ended. */
  resume(): void {
    for (const task of [...this.#tasks.values()].flat()) if (task.status === 'RUNNING') this.#continue(task, 0);
  }

  *entities(): Generator<readonly [string, unknown]> {
    for (const [sourceArn, tasks] of this.#tasks) yield [KEY + sourceArn, tasks];
  }

  start(input: Input, authorize: (queue: Queue, action: string) => void): object {
    const source = this.#source(input);
    authorize(source, 'StartMessageMoveTask');
    if (this.#queues.sourcesOf(source.arn).length === 0)
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    const destinationArn = text(input, 'DestinationArn');
    const destination = destinationArn === undefined ? undefined : this.#queues.byArn(destinationArn);
    if (destinationArn !== undefined && !destination)
      throw resourceNotFound("The resource that you specified for the DestinationArn parameter doesn't exist.");
    if (destination === source)
      throw invalidParameter('Source queue arn and destination queue arn cannot be the same.');
    if (destination && destination.fifo !== source.fifo)
      throw invalidParameter('Source and destination queues must be of the same type.');
    const rate = integer(input, 'MaxNumberOfMessagesPerSecond');
    if (rate !== undefined && (rate < 1 || rate > MAX_RATE))
      throw invalidValue(rate, 'MaxNumberOfMessagesPerSecond', `Must be between 1 and ${MAX_RATE}.`);
    const tasks = this.#tasks.get(source.arn) ?? [];
    if (tasks.some((task) => task.status === 'RUNNING'))
      throw unsupportedOperation(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    const now = this.#clock.now();
    const handle = Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString('base64');
    const toMove = source.store.counts(now).visible;
    const fresh = { status: 'RUNNING' as const, moved: 0, toMove, startedAt: now };
    const task: Task = { handle, sourceArn: source.arn, destinationArn, rate, ...fresh };
    this.#tasks.set(source.arn, [task, ...tasks].slice(0, KEPT));
    this.#keep(task);
    this.#continue(task, 0);
    return { TaskHandle: handle };
  }

  list(input: Input, authorize: (queue: Queue, action: string) => void): object {
    const source = this.#source(input);
    authorize(source, 'ListMessageMoveTasks');
    const max = integer(input, 'MaxResults') ?? 1;
    if (max < 1 || max > KEPT) throw invalidValue(max, 'MaxResults', `Must be between 1 and ${KEPT}.`);
    const results = (this.#tasks.get(source.arn) ?? []).slice(0, max).map((task) => ({
      TaskHandle: task.status === 'RUNNING' ? task.handle : undefined,
      Status: task.status,
      SourceArn: task.sourceArn,
      DestinationArn: task.destinationArn,
      MaxNumberOfMessagesPerSecond: task.rate,
      ApproximateNumberOfMessagesMoved: task.moved,
      ApproximateNumberOfMessagesToMove: task.toMove,
      FailureReason: task.failure,
      StartedTimestamp: task.startedAt,
    }));
    return { Results: results };
  }

  cancel(input: Input, authorize: (queue: Queue, action: string) => void): object {
    const handle = text(input, 'TaskHandle');
    if (handle === undefined) throw missingParameter('TaskHandle');
    const task = [...this.#tasks.values()].flat().find((each) => each.handle === handle);
    const source = task && this.#queues.byArn(task.sourceArn);
    if (!task || !source) throw resourceNotFound('Task does not exist.');
    authorize(source, 'CancelMessageMoveTask');
    if (task.status !== 'RUNNING')
      throw unsupportedOperation(`Only an active task can be cancelled; this one is ${task.status}.`);
    task.status = 'CANCELLED';
    this.#keep(task);
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }

  #source(input: Input): Queue {
    const arn = text(input, 'SourceArn');
    if (arn === undefined) throw missingParameter('SourceArn');
    const queue = this.#queues.byArn(arn);
    if (!queue) throw resourceNotFound("The resource that you specified for the SourceArn parameter doesn't exist.");
    return queue;
  }

  #keep({ sourceArn }: Task): void {
    this.#keeper.put(KEY + sourceArn, this.#tasks.get(sourceArn));
  }

  #continue(task: Task, ms: number): void {
    this.#clock.after(ms, () => this.#step(task));
  }

  /** Moves as many messages as one second allows, and continues one second later. */
  #step(task: Task): void {
    if (task.status !== 'RUNNING') return;
    const outcome = this.#moveSome(task);
    if (outcome === 'lost') {
      task.status = 'FAILED';
      task.failure = 'AWS.SimpleQueueService.NonExistentQueue';
    } else if (outcome === 'empty' || task.moved >= task.toMove) {
      task.status = 'COMPLETED';
    } else {
      this.#continue(task, 1000);
    }
    this.#keep(task);
  }

  #moveSome(task: Task): 'moved' | 'empty' | 'lost' {
    const source = this.#queues.byArn(task.sourceArn);
    if (!source) return 'lost';
    source.store.settle(this.#clock.now());
    for (let left = task.rate ?? MAX_RATE; left > 0; left--) {
      const outcome = this.#moveOne(source, task);
      if (outcome !== 'moved') return outcome;
      task.moved++;
    }
    return 'moved';
  }

  #moveOne(source: Queue, task: Task): 'moved' | 'empty' | 'lost' {
    if (task.moved >= task.toMove) return 'empty';
    const message = source.store.take([]);
    if (!message) return 'empty';
    const arn = task.destinationArn ?? message.deadLetterSourceArn;
    const destination = arn === undefined ? undefined : this.#queues.byArn(arn);
    const now = this.#clock.now();
    if (!destination) {
      // Nowhere to go: it becomes available again where it was.
      source.store.putInFlight(message, now);
      source.store.settle(now);
      return 'lost';
    }
    source.store.forget(message);
    const { receipt: _r, lastReceivedAt: _l, firstReceivedAt: _f, deadLetterSourceArn: _d, ...kept } = message;
    const times = { sentAt: now, arrivedAt: now, visibleAt: now };
    const fresh = { id: randomUUID(), receiveCount: 0, receivesHere: 0, place: 'available' as const };
    destination.accept({ ...kept, ...times, ...fresh });
    return 'moved';
  }
}
