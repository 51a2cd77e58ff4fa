import { type Profile, rateAt } from './profile.ts';

/** One numbered job, as the demo worker reads it. */
export interface Job {
  /** The run that sent it: a queue that is kept between runs also holds jobs of earlier ones. */
  run: string;
  /** The number within the run, from 1 without gaps: a number that is missing at the end was lost. */
  id: number;
  /** How long to work, in seconds. */
  seconds: number;
  /** Epoch milliseconds. */
  sentAt: number;
}

export interface LoadOptions {
  run: string;
  profile: Profile;
  /** Returns the seconds of the next job. */
  serviceTime: () => number;
  /** Sends at most ten jobs and resolves to those that the queue refused. Rejects when that is not known. */
  send: (jobs: Job[]) => Promise<Job[]>;
  now?: () => number;
  onProblem?: (message: string) => void;
}

/** SQS: at most ten messages in a batch. */
const BATCH = 10;

/**
 * Sends numbered jobs by a profile. Call `tick` often: it sends the jobs that fell due since the last call. A job that
 * the queue refused is sent again with the same number, and counts as sent only once the queue has accepted it.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #now: () => number;
  readonly #retry: Job[] = [];
  #startedAt: number | undefined;
  #at = 0;
  #due = 0;
  #lastId = 0;
  readonly #accepted = new Set<number>();
  #sending: Promise<void> | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Numbers of the jobs that the queue has accepted. */
  get sent(): ReadonlySet<number> {
    return this.#accepted;
  }

  /** Count of the jobs that are due and not accepted yet. */
  get waiting(): number {
    return this.#retry.length;
  }

  /** Sends the jobs that are due. A call during another one waits for it and sends nothing more. */
  tick(): Promise<void> {
    this.#sending ??= this.#tick().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  /** Ends the load: sends the jobs that are due and not accepted yet, at most `tries` times. */
  async finish(tries = 20): Promise<void> {
    await this.#sending;
    for (let i = 0; i < tries && this.#retry.length > 0; i++) await this.#send(this.#retry.splice(0));
  }

  async #tick(): Promise<void> {
    const { run, profile } = this.#options;
    const now = this.#now();
    this.#startedAt ??= now;
    const at = (now - this.#startedAt) / 1_000;
    // The rate at the middle of the step: exact for ramps, and close where a phase changes within it.
    this.#due += rateAt(profile, (this.#at + at) / 2) * (at - this.#at);
    this.#at = at;
    const jobs = this.#retry.splice(0);
    for (; this.#due >= 1; this.#due -= 1)
      jobs.push({ run, id: ++this.#lastId, seconds: round(this.#options.serviceTime()), sentAt: now });
    await this.#send(jobs);
  }

  async #send(jobs: Job[]): Promise<void> {
    const batches = Array.from({ length: Math.ceil(jobs.length / BATCH) }, (_, i) =>
      jobs.slice(i * BATCH, (i + 1) * BATCH),
    );
    await Promise.all(
      batches.map(async (batch) => {
        try {
          const refused = await this.#options.send(batch);
          this.#retry.push(...refused);
          for (const job of batch) if (!refused.includes(job)) this.#accepted.add(job.id);
        } catch (error) {
          this.#retry.push(...batch);
          this.#options.onProblem?.(error instanceof Error ? error.message : String(error));
        }
      }),
    );
  }
}

const round = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;
