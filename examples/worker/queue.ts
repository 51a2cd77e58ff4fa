import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Result } from './job.ts';

/** The SQS calls of a worker. */
export class Queue {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #resultsUrl: string | undefined;
  readonly visibilityTimeout: number;

  /** `visibilityTimeout` in seconds. */
  constructor(url: string, resultsUrl: string | undefined, visibilityTimeout: number) {
    this.#url = url;
    this.#resultsUrl = resultsUrl;
    this.visibilityTimeout = visibilityTimeout;
    this.#client = new SQSClient({
      useQueueUrlAsEndpoint: false,
      // Longer than the longest poll of 20 s; without throwOnRequestTimeout it would only warn.
      requestHandler: { connectionTimeout: 2_000, requestTimeout: 25_000, throwOnRequestTimeout: true },
    });
  }

  /** Makes one long poll and returns its messages. */
  async receive(most: number, waitSeconds: number): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.#url,
      MaxNumberOfMessages: Math.min(10, most),
      WaitTimeSeconds: waitSeconds,
      VisibilityTimeout: this.visibilityTimeout,
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'ApproximateFirstReceiveTimestamp'],
    });
    return (await this.#client.send(command)).Messages ?? [];
  }

  async delete({ ReceiptHandle }: Message): Promise<void> {
    await this.#client.send(new DeleteMessageCommand({ QueueUrl: this.#url, ReceiptHandle }));
  }

  /** Keeps a message hidden for `seconds` from now; 0 returns it at once. */
  async hide({ ReceiptHandle }: Message, seconds: number): Promise<void> {
    await this.#client.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: this.#url, ReceiptHandle, VisibilityTimeout: seconds }),
    );
  }

  async report(result: Result): Promise<void> {
    if (!this.#resultsUrl) return;
    await this.#client.send(
      new SendMessageCommand({ QueueUrl: this.#resultsUrl, MessageBody: JSON.stringify(result) }),
    );
  }

  close(): void {
    this.#client.destroy();
  }
}
