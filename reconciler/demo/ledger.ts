import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { abortedBy, type Clients } from '../aws/clients.ts';

/** A worker's report of a job that it has done, as far as it is counted; see examples/worker/job.ts. */
interface Result {
  run: string;
  id: number;
  sentAt: number;
  firstReceivedAt: number;
}

/** Quantiles of the waits, in seconds. */
export interface Waits {
  p50: number;
  p95: number;
  p99: number;
}

const RETRY_MS = 200;

/** Reads the workers' results and counts: jobs processed, jobs processed twice, messages of others, and waits. */
export class Ledger {
  readonly #sqs: Clients['sqs'];
  readonly #queueUrl: string;
  readonly #run: string;
  readonly #done = new Set<number>();
  readonly #waits: number[] = [];
  readonly #stop = new AbortController();
  #duplicates = 0;
  #others = 0;

  /** Counts the jobs of `run`. A queue that is kept between runs also holds results of earlier ones. */
  constructor({ sqs }: Pick<Clients, 'sqs'>, queueUrl: string, run: string) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
    this.#run = run;
  }

  /** Numbers of the jobs that were processed. */
  get processed(): ReadonlySet<number> {
    return this.#done;
  }

  /** How often a job was processed again. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Results of jobs that this run did not send. */
  get others(): number {
    return this.#others;
  }

  /** Returns the seconds from sending to the first receive, over the jobs done. */
  waits(): Waits {
    const sorted = [...this.#waits].sort((a, b) => a - b);
    const at = (share: number): number =>
      round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }

  /** Reads results until `stop`. A failed call is tried again: results stay in their queue until they are deleted. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted)
      await this.#read().catch(() => new Promise((resolve) => setTimeout(resolve, RETRY_MS)));
  }

  stop(): void {
    this.#stop.abort();
  }

  async #read(): Promise<void> {
    const QueueUrl = this.#queueUrl;
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
    const { Messages = [] } = await this.#sqs.send(receive, abortedBy(this.#stop.signal));
    if (Messages.length === 0) return;
    for (const { Body } of Messages) this.count(Body ?? '');
    const Entries = Messages.map((m, i) => ({ Id: String(i), ReceiptHandle: m.ReceiptHandle }));
    await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }

  /** Counts the body of one result. */
  count(body: string): void {
    const result = parseResult(body);
    if (result?.run !== this.#run) this.#others++;
    else if (this.#done.has(result.id)) this.#duplicates++;
    else {
      this.#done.add(result.id);
      this.#waits.push(Math.max(0, result.firstReceivedAt - result.sentAt) / 1_000);
    }
  }
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100;

function parseResult(body: string): Result | undefined {
  try {
    const { run, id, sentAt, firstReceivedAt }: Partial<Record<string, unknown>> = { ...JSON.parse(body) };
    const numbers = typeof id === 'number' && typeof sentAt === 'number' && typeof firstReceivedAt === 'number';
    return typeof run === 'string' && numbers ? { run, id, sentAt, firstReceivedAt } : undefined;
  } catch {
    return undefined;
  }
}
