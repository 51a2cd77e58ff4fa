/** The grammars of what SQS answers. */
import type { QueueCounts } from '../../../policies/model/observation.ts';
import { Answer } from './answer.ts';

/**
 * The three counters that SQS has. There is no attribute for the age of the oldest message: asking for one fails the whole
 * call (InvalidAttributeName). The age is a CloudWatch metric.
 */
export const COUNTERS = {
  visible: 'ApproximateNumberOfMessages',
  inFlight: 'ApproximateNumberOfMessagesNotVisible',
  delayed: 'ApproximateNumberOfMessagesDelayed',
} as const;

/** The attributes to ask for so that `queueCounts` knows that the counts are those of the right queue. */
export const COUNT_ATTRIBUTES = [...Object.values(COUNTERS), 'QueueArn'] as const;

const ATTRIBUTES = 'sqs:GetQueueAttributes';
const QUEUE_ARN = /^arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w-]+(\.fifo)?$/;

/** Returns the URL in a GetQueueUrl answer, which must be that of the queue asked for. */
export function queueUrlOf(output: unknown, queueName: string): string {
  const url = new Answer('sqs:GetQueueUrl', output).get('QueueUrl');
  const text = url.matching(/^https?:\/\/[^\s/]+\/\S+$/, 'the URL of a queue');
  return text.endsWith(`/${queueName}`) ? text : url.refuse(`the URL of ${queueName}`);
}

/** Returns the counts in a GetQueueAttributes answer. */
export function queueCounts(output: unknown, queueName: string): QueueCounts {
  const attributes = new Answer(ATTRIBUTES, output).get('Attributes');
  queueArn(attributes.get('QueueArn'), queueName);
  return {
    visible: attributes.get(COUNTERS.visible).counter(),
    inFlight: attributes.get(COUNTERS.inFlight).counter(),
    delayed: attributes.get(COUNTERS.delayed).counter(),
  };
}

export interface QueuePolicy {
  arn: string;
  /** The policy as its authors wrote it; empty when the queue has none. */
  text: string;
}

/** The attributes to ask for so that `queuePolicy` can tell a queue without a policy from half an answer. */
export const POLICY_ATTRIBUTES = ['QueueArn', 'Policy'] as const;

/** Returns the queue's policy. A policy counts as absent only when the queue's ARN came along. */
export function queuePolicy(output: unknown, queueName: string): QueuePolicy {
  const attributes = new Answer(ATTRIBUTES, output).get('Attributes');
  const arn = queueArn(attributes.get('QueueArn'), queueName);
  const policy = attributes.get('Policy').ifPresent;
  if (!policy) return { arn, text: '' };
  const statements = policy.json().get('Statement').value;
  if (typeof statements !== 'object' || statements === null) policy.refuse('a policy document');
  return { arn, text: policy.text() };
}

/** The attributes to ask for so that `deadLetterArn` can tell a queue without one from half an answer. */
export const REDRIVE_ATTRIBUTES = ['QueueArn', 'RedrivePolicy'] as const;

/** Returns the ARN of the dead-letter queue; undefined without one, which counts only when the queue's ARN came along. */
export function deadLetterArn(output: unknown, queueName: string): string | undefined {
  const attributes = new Answer(ATTRIBUTES, output).get('Attributes');
  queueArn(attributes.get('QueueArn'), queueName);
  const target = attributes.get('RedrivePolicy').ifPresent?.json().get('deadLetterTargetArn');
  return target?.matching(QUEUE_ARN, 'the ARN of a queue');
}

/** Returns the receipt handles of a ReceiveMessage answer. SQS leaves `Messages` out when there are none. */
export function receiptHandles(output: unknown): string[] {
  const messages = new Answer('sqs:ReceiveMessage', output).get('Messages').ifPresent;
  return (messages?.list() ?? []).map((message) => message.get('ReceiptHandle').text());
}

function queueArn(answer: Answer, queueName: string): string {
  const arn = answer.matching(QUEUE_ARN, 'the ARN of a queue');
  return arn.endsWith(`:${queueName}`) ? arn : answer.refuse(`the ARN of ${queueName}`);
}
