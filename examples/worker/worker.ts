import type { Message } from '@aws-sdk/client-sqs';
import { parseJob, type Result } from './job.ts';

/** What the worker needs of a queue; `Queue` in production, a fake in tests. */
export interface JobQueue {
  readonly visibilityTimeout: number;
  receive(most: number, waitSeconds: number, signal: AbortSignal): Promise<Message[]>;
  delete(message: Message): Promise<void>;
  hide(message: Message, seconds: number): Promise<void>;
  report(result: Result): Promise<void>;
}

export interface WorkerOptions {
  queue: JobQueue;
  name: string;
  /** Jobs at a time. */
  concurrency: number;
  /** LastLogged when the first job begins and the last one ends. */
  protect: (busy: boolean) => Promise<void>;
  /** True while the worker must not take jobs (a flag that failure simulation sets). */
  paused: () => boolean;
  log: (level: 'debug' | 'info' | 'warn', message: string, detail?: object) => void;
  now: () => number;
  /** Ends early when `signal` aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const LONG_POLL_S = 10;
/** After a receive that failed. Short, so that the end of a partition is felt at once. */
const RETRY_MS = 500;
const DELETE_ATTEMPTS = 120;

/**
 * Takes jobs and works on each for its stated time. On `stop` it takes no more, finishes what ends within the time that
 * it is given, and hands the rest back to the queue at once instead of after the visibility timeout.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #stop = new AbortController();
  readonly #giveUp = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #receiving = true;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Runs until `stop`; resolves when the last job has ended or was handed back. */
  async run(): Promise<void> {
    const { concurrency, queue, paused, sleep } = this.#options;
    while (!this.#stop.signal.aborted) {
      const room = concurrency - this.#running.size;
      if (room === 0) await Promise.race(this.#running);
      else if (paused()) await sleep(RETRY_MS, this.#stop.signal);
      else await this.#take(queue, room);
    }
    await Promise.all(this.#running);
  }

  /** Takes no more jobs; those that still run after `graceMs` are handed back. */
  stop(graceMs: number): void {
    this.#stop.abort();
    void this.#options.sleep(graceMs, this.#giveUp.signal).then(() => this.#giveUp.abort());
  }

  async #take(queue: JobQueue, room: number): Promise<void> {
    const { log, sleep } = this.#options;
    try {
      const messages = await queue.receive(room, LONG_POLL_S, this.#stop.signal);
      if (!this.#receiving) log('info', 'receives jobs again');
      this.#receiving = true;
      for (const message of messages) {
        const run = this.#work(message).finally(() => {
          this.#running.delete(run);
          if (this.#running.size === 0) void this.#options.protect(false);
        });
        this.#running.add(run);
      }
    } catch (error) {
      // Once for each change of state: a partition of minutes must not fill the log.
      if (this.#receiving)
        log('warn', 'cannot receive jobs', { error: (error as Error).name, message: (error as Error).message });
      this.#receiving = false;
      await sleep(RETRY_MS, this.#stop.signal);
    }
  }

  async #work(message: Message): Promise<void> {
    const { queue, now, log, name, protect } = this.#options;
    const receivedAt = now();
    const job = parseJob(message.Body);
    if (!job) {
      log('warn', 'not a job; left for the dead-letter queue', { messageId: message.MessageId });
      return;
    }
    await protect(true);
    const ended = new AbortController();
    void this.#heartbeat(message, ended.signal);
    try {
      if (!(await this.#workFor(job.seconds * 1_000))) {
        await queue.hide(message, 0);
        log('info', 'handed back', { id: job.id });
        return;
      }
      const attribute = (key: string): number =>
        Number((message.Attributes as Record<string, string> | undefined)?.[key]);
      await queue.report({
        id: job.id,
        sentAt: job.sentAt,
        firstReceivedAt: attribute('ApproximateFirstReceiveTimestamp') || receivedAt,
        receivedAt,
        doneAt: now(),
        receiveCount: attribute('ApproximateReceiveCount') || 1,
        worker: name,
      });
      await this.#delete(message);
      log('debug', 'done', { id: job.id });
    } catch (error) {
      // Not deleted, so the queue gives it out again: done twice at worst, lost never.
      log('warn', 'could not finish a job', {
        id: job.id,
        error: (error as Error).name,
        message: (error as Error).message,
      });
    } finally {
      ended.abort();
    }
  }

  /** Tries for a while: a job whose result is out must not be done again because the queue was out of reach. */
  async #delete(message: Message): Promise<void> {
    const { queue, sleep } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await queue.delete(message);
      } catch (error) {
        if (attempt >= DELETE_ATTEMPTS || this.#giveUp.signal.aborted) throw error;
        await sleep(RETRY_MS, this.#giveUp.signal);
      }
    }
  }

  /** True when the time was worked off, false when the worker had to give up before. */
  async #workFor(ms: number): Promise<boolean> {
    await this.#options.sleep(ms, this.#giveUp.signal);
    return !this.#giveUp.signal.aborted;
  }

  /** Keeps the message hidden while the job runs: every half of the timeout, for a whole one. */
  async #heartbeat(message: Message, signal: AbortSignal): Promise<void> {
    const { queue, sleep, log } = this.#options;
    for (;;) {
      await sleep(queue.visibilityTimeout * 500, signal);
      if (signal.aborted) return;
      try {
        await queue.hide(message, queue.visibilityTimeout);
      } catch (error) {
        log('warn', 'heartbeat failed', { error: (error as Error).name });
      }
    }
  }
}
