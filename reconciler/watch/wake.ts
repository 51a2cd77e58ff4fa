import { DeleteMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { defer, filter, map, Observable, repeat, retry, tap, timer } from 'rxjs';
import type { Failure } from '../../policies/model/observation.ts';
import { receiptHandles } from '../aws/border/sqs.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { classify } from '../aws/errors.ts';

/** The longest poll that SQS grants, seconds: an idle queue costs three calls a minute. */
const WAIT_S = 20;
/** Milliseconds that the client must wait for an answer, more than the poll. */
export const WAKE_REQUEST_TIMEOUT_MS = 30_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

export interface WakeOptions {
  /** With a request timeout of WAKE_REQUEST_TIMEOUT_MS. */
  aws: Clients;
  /** A queue that EventBridge's "Parameter Store Change" events are sent to. */
  queueUrl: string;
  /** Is called once for each run of failures. */
  onProblem: (failure: Failure) => void;
}

/**
 * Emits when change events have come. Delivery is best effort and unordered, so an event only says "look now". Never ends and
 * never fails; while the queue cannot be read, the poll alone remains.
 */
export function wakeUps({ aws, queueUrl, onProblem }: WakeOptions): Observable<void> {
  return defer(() => {
    let failing = false;
    return receive(aws, queueUrl).pipe(
      tap(() => {
        failing = false;
      }),
      repeat(),
      retry({
        delay: (error: unknown, attempt) => {
          if (!failing) onProblem(classify(error, 'sqs:ReceiveMessage'));
          failing = true;
          return timer(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)));
        },
        resetOnSuccess: true,
      }),
      filter((events) => events > 0),
      map(() => undefined),
    );
  });
}

/** Emits how many events one long poll found. They are deleted first, since one look serves them all. */
function receive({ sqs }: Clients, QueueUrl: string): Observable<number> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const { signal } = controller;
    const poll = async (): Promise<number> => {
      const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: WAIT_S });
      const handles = receiptHandles(await sqs.send(command, abortedBy(signal)));
      if (handles.length === 0) return 0;
      const Entries = handles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }), abortedBy(signal));
      return handles.length;
    };
    poll().then(
      (events) => {
        subscriber.next(events);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => controller.abort();
  });
}
