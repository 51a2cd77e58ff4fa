import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { abortedBy, type Clients } from '../aws/clients.ts';

/** What a demo worker reports of each job that it has done; see examples/worker/job.ts. */
interface Result {
  id: number;
  sentAt: number;
  firstReceivedAt: number;
  doneAt: number;
}

export interface Waits {
  p50: number;
  p95: number;
  p99: number;
}

/** Reads the workers' results and keeps count: what was done, what was done twice, how long it had waited. */
export class Ledger {
  readonly #aws: Clients;
  readonly #queueUrl: string;
  readonly #done = new Set<number>();
  readonly #waits: number[] = [];
  readonly #stop = new AbortController();
  #duplicates = 0;

  constructor(aws: Clients, queueUrl: string) {
    this.#aws = aws;
    this.#queueUrl = queueUrl;
  }

  /** Different jobs done. */
  get processed(): number {
    return this.#done.size;
  }

  /** Times that a job was done again. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Seconds from sending to the first receive, over the jobs done. */
  waits(): Waits {
    const sorted = [...this.#waits].sort((a, b) => a - b);
    const at = (share: number): number =>
      round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
    return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }

  /** Reads results until `stop`. A failed call is tried again: results stay in their queue until they are deleted. */
  async run(): Promise<void> {
    while (!this.#stop.signal.aborted)
      await this.#read().catch(() => new Promise((resolve) => setTimeout(resolve, 200)));
  }

  stop(): void {
    this.#stop.abort();
  }

  async #read(): Promise<void> {
    const QueueUrl = this.#queueUrl;
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
    const { Messages = [] } = await this.#aws.sqs.send(receive, abortedBy(this.#stop.signal));
    if (Messages.length === 0) return;
    for (const { Body } of Messages) this.#count(JSON.parse(Body ?? '{}') as Result);
    const Entries = Messages.map((m, i) => ({ Id: String(i), ReceiptHandle: m.ReceiptHandle }));
    await this.#aws.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }

  #count({ id, sentAt, firstReceivedAt }: Result): void {
    if (this.#done.has(id)) {
      this.#duplicates++;
      return;
    }
    this.#done.add(id);
    this.#waits.push(Math.max(0, firstReceivedAt - sentAt) / 1_000);
  }
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100;
