import { type Profile, rateAt } from './profile.ts';

/** One numbered job, as the demo worker reads it. */
export interface Job {
  /** From 1, without gaps: what is missing at the end was lost. */
  id: number;
  /** How long to work, in seconds. */
  seconds: number;
  /** Epoch milliseconds. */
  sentAt: number;
}

export interface LoadOptions {
  profile: Profile;
  /** Seconds of the next job. */
  serviceTime: () => number;
  /** Sends at most ten bodies; resolves to those that the queue did not take. Rejects when nobody can say. */
  send: (jobs: Job[]) => Promise<Job[]>;
  now?: () => number;
  onProblem?: (message: string) => void;
}

/** SQS: at most ten messages in a batch. */
const BATCH = 10;

/**
 * Sends numbered jobs by a profile. Call `tick` often; it sends what has fallen due since the last call. A job that the
 * queue refused is sent again with the same number, so that nothing is counted as sent that was not taken.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #now: () => number;
  readonly #retry: Job[] = [];
  #startedAt: number | undefined;
  #at = 0;
  #due = 0;
  #lastId = 0;
  #accepted = 0;
  #sending: Promise<void> | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Jobs that the queue has taken. */
  get sent(): number {
    return this.#accepted;
  }

  /** Jobs that were made and not taken yet. */
  get waiting(): number {
    return this.#retry.length;
  }

  /** Sends what is due. Calls that come while one is under way wait for it and send nothing more. */
  tick(): Promise<void> {
    this.#sending ??= this.#tick().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  /** Ends the load: what was made and not taken yet is tried until the queue takes it, at most `tries` times. */
  async finish(tries = 20): Promise<void> {
    await this.#sending;
    for (let i = 0; i < tries && this.#retry.length > 0; i++) await this.#send(this.#retry.splice(0));
  }

  async #tick(): Promise<void> {
    const now = this.#now();
    this.#startedAt ??= now;
    const at = (now - this.#startedAt) / 1_000;
    // The rate at the middle of the step: exact for ramps, and close where a phase changes within it.
    this.#due += rateAt(this.#options.profile, (this.#at + at) / 2) * (at - this.#at);
    this.#at = at;
    const jobs = this.#retry.splice(0);
    for (; this.#due >= 1; this.#due -= 1)
      jobs.push({ id: ++this.#lastId, seconds: round(this.#options.serviceTime()), sentAt: now });
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
          this.#accepted += batch.length - refused.length;
        } catch (error) {
          this.#retry.push(...batch);
          this.#options.onProblem?.(error instanceof Error ? error.message : String(error));
        }
      }),
    );
  }
}

const round = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;
