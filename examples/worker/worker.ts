import type { Message } from '@aws-sdk/client-sqs';
import { parseJob, type Result } from './job.ts';

/** The calls that a worker makes to its queue: `Queue` in production, a fake in tests. */
export interface JobQueue {
  readonly visibilityTimeout: number;
  /** Makes one long poll. It is never cut short: SQS may already have given a message to it. */
  receive(most: number, waitSeconds: number): Promise<Message[]>;
  delete(message: Message): Promise<void>;
  hide(message: Message, seconds: number): Promise<void>;
  report(result: Result): Promise<void>;
}

export interface WorkerOptions {
  queue: JobQueue;
  name: string;
  /** Jobs at a time. */
  concurrency: number;
  /** Seconds of a long poll, 1 to 20. A worker that stops finishes the poll in hand, so less than its time to stop. */
  pollSeconds: number;
  /** Called before the first job begins and after the last one has ended. */
  protect: (busy: boolean) => Promise<void>;
  /** True while the worker must not take jobs (a flag that failure simulation sets). */
  paused: () => boolean;
  log: (level: 'debug' | 'info' | 'warn', message: string, detail?: object) => void;
  now: () => number;
  /** Ends early when `signal` aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Milliseconds after a failed receive. Short, so that work resumes soon after a partition. */
const RETRY_MS = 500;
const DELETE_ATTEMPTS = 120;

/**
 * Receives jobs and works on each for its stated time. After `stop` it finishes the poll in hand and hands back what that
 * brings, finishes the jobs that end in the time given, and hands back the others. Nothing waits for its visibility timeout.
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

  /** Runs until `stop`; resolves when the last job has ended or was returned. */
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

  /** Receives no more jobs. Returns those that still run after `graceMs` to the queue. */
  stop(graceMs: number): void {
    this.#stop.abort();
    void this.#options.sleep(graceMs, this.#giveUp.signal).then(() => this.#giveUp.abort());
  }

  async #take(queue: JobQueue, room: number): Promise<void> {
    const { log, sleep } = this.#options;
    try {
      const messages = await queue.receive(room, this.#options.pollSeconds);
      if (!this.#receiving) log('info', 'receives jobs again');
      this.#receiving = true;
      if (this.#stop.signal.aborted) return await this.#handBack(messages);
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

  /** Makes messages visible at once. Those that cannot be handed back wait for their visibility timeout. */
  async #handBack(messages: Message[]): Promise<void> {
    const { queue, log } = this.#options;
    const results = await Promise.allSettled(messages.map((message) => queue.hide(message, 0)));
    const failed = results.filter(({ status }) => status === 'rejected').length;
    if (messages.length > 0) log('info', 'the last poll is handed back', { messages: messages.length, failed });
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
        log('info', 'returned to the queue', { id: job.id });
        return;
      }
      const attribute = (key: string): number =>
        Number((message.Attributes as Record<string, string> | undefined)?.[key]);
      await queue.report({
        run: job.run,
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
      // The message is not deleted, so the queue delivers it again: a job may run twice but is never lost.
      log('warn', 'could not finish a job', {
        id: job.id,
        error: (error as Error).name,
        message: (error as Error).message,
      });
    } finally {
      ended.abort();
    }
  }

  /** Deletes a message, with retries: a job whose result was reported must not run again because of a short outage. */
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

  /** Resolves to true after the time, or to false when the worker must give up before. */
  async #workFor(ms: number): Promise<boolean> {
    await this.#options.sleep(ms, this.#giveUp.signal);
    return !this.#giveUp.signal.aborted;
  }

  /** Keeps the message hidden while the job runs: after each half of the timeout, for a whole one. */
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
