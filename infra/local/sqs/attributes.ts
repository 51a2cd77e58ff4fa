/**
 * Checks queue attributes against their ranges, and knows their defaults. Source: SQS API Reference,
 * SetQueueAttributes.
 */

import { PolicyError, parsePolicy } from '../iam-parse.ts';
import { isObject } from '../input.ts';
import { invalidAttributeName, invalidAttributeValue } from './errors.ts';

export type Attributes = Record<string, string>;

interface Rule {
  /** Returns the value to keep, as AWS writes it; undefined removes the attribute. @throws Unfit with the reason */
  read(value: string): string | undefined;
  default?: string;
  fifoOnly?: true;
}

/** Carries the reason to the caller, which knows the attribute's name. */
class Unfit extends Error {}

function whole(min: number, max: number): Rule['read'] {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max)
      throw new Unfit(`It must be a whole number from ${min} to ${max}.`);
    return String(number);
  };
}

const bool: Rule['read'] = (value) => {
  const lower = value.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw new Unfit('It must be true or false.');
  return lower;
};

const oneOf =
  (...values: string[]): Rule['read'] =>
  (value) => {
    if (!values.includes(value)) throw new Unfit(`It must be one of ${values.join(', ')}.`);
    return value;
  };

const removable =
  (read: Rule['read']): Rule['read'] =>
  (value) =>
    value === '' ? undefined : read(value);

function jsonObject(value: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    throw new Unfit('It is not valid JSON.');
  }
  if (!isObject(parsed)) throw new Unfit('It must be a JSON object.');
  return parsed;
}

const policy: Rule['read'] = (value) => {
  try {
    parsePolicy(value, 'resource');
  } catch (error) {
    if (error instanceof PolicyError) throw new Unfit(error.message);
    throw error;
  }
  return value;
};

const redrivePolicy: Rule['read'] = (value) => {
  const { deadLetterTargetArn: target, maxReceiveCount, ...rest } = jsonObject(value);
  const count = Number(maxReceiveCount);
  if (typeof target !== 'string' || !/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w.-]+$/.test(target))
    throw new Unfit('deadLetterTargetArn must be the ARN of a queue.');
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new Unfit('maxReceiveCount must be a whole number from 1 to 1000.');
  if (Object.keys(rest).length > 0) throw new Unfit(`It has the unknown member "${Object.keys(rest)[0]}".`);
  return value;
};

const redriveAllowPolicy: Rule['read'] = (value) => {
  const { redrivePermission: permission, sourceQueueArns: arns } = jsonObject(value);
  if (permission !== 'allowAll' && permission !== 'denyAll' && permission !== 'byQueue')
    throw new Unfit('redrivePermission must be allowAll, denyAll or byQueue.');
  const valid =
    Array.isArray(arns) && arns.length >= 1 && arns.length <= 10 && arns.every((a) => typeof a === 'string');
  if (permission === 'byQueue' && !valid) throw new Unfit('sourceQueueArns must hold 1 to 10 ARNs.');
  if (permission !== 'byQueue' && arns !== undefined) throw new Unfit('sourceQueueArns goes with byQueue only.');
  return value;
};

const RULES: Record<string, Rule> = {
  VisibilityTimeout: { read: whole(0, 43_200), default: '30' },
  MaximumMessageSize: { read: whole(1_024, 1_048_576), default: '1048576' },
  MessageRetentionPeriod: { read: whole(60, 1_209_600), default: '345600' },
  DelaySeconds: { read: whole(0, 900), default: '0' },
  ReceiveMessageWaitTimeSeconds: { read: whole(0, 20), default: '0' },
  Policy: { read: removable(policy) },
  RedrivePolicy: { read: removable(redrivePolicy) },
  RedriveAllowPolicy: { read: removable(redriveAllowPolicy) },
  KmsMasterKeyId: { read: removable((value) => value) },
  KmsDataKeyReusePeriodSeconds: { read: whole(60, 86_400) },
  SqsManagedSseEnabled: { read: bool, default: 'true' },
  FifoQueue: { read: bool },
  ContentBasedDeduplication: { read: bool, fifoOnly: true },
  DeduplicationScope: { read: oneOf('queue', 'messageGroup'), fifoOnly: true },
  FifoThroughputLimit: { read: oneOf('perQueue', 'perMessageGroupId'), fifoOnly: true },
};

/** Attributes that AWS computes. GetQueueAttributes returns them beside the others. */
export const COMPUTED = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
] as const;

const KNOWN = new Set<string>([...Object.keys(RULES), ...COMPUTED, 'All']);

/** Refuses a name that AWS does not know. @throws AwsError InvalidAttributeName for the first one */
export function checkNames(names: readonly string[]): void {
  const wrong = names.find((name) => !KNOWN.has(name));
  if (wrong !== undefined) throw invalidAttributeName(wrong);
}

const FIFO_DEFAULTS: Attributes = {
  FifoQueue: 'true',
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};

export function defaults(fifo: boolean): Attributes {
  const plain = Object.entries(RULES).flatMap(([name, rule]) =>
    rule.default === undefined ? [] : [[name, rule.default]],
  );
  return { ...Object.fromEntries(plain), ...(fifo ? FIFO_DEFAULTS : {}) };
}

/**
 * Returns `current` with the changes, which it checks. An empty Policy or the like removes the attribute.
 * @throws AwsError InvalidAttributeName, InvalidAttributeValue
 */
export function merge(current: Attributes, changes: Attributes, fifo: boolean): Attributes {
  const merged = { ...current };
  for (const [name, value] of Object.entries(changes)) {
    // Names come from outside: `constructor` must not find what every object inherits.
    const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
    if (!rule || (rule.fifoOnly && !fifo)) throw invalidAttributeName(name);
    if (name === 'FifoQueue' && value !== current.FifoQueue)
      throw fifo
        ? invalidAttributeValue('FifoQueue', 'It can only be set to true.')
        : invalidAttributeName('FifoQueue');
    try {
      const kept = rule.read(value);
      if (kept === undefined) delete merged[name];
      else merged[name] = kept;
    } catch (error) {
      if (error instanceof Unfit) throw invalidAttributeValue(name, error.message);
      throw error;
    }
  }
  // High throughput needs deduplication within groups; AWS refuses the other combination.
  if (merged.FifoThroughputLimit === 'perMessageGroupId' && merged.DeduplicationScope !== 'messageGroup')
    throw invalidAttributeValue('FifoThroughputLimit', 'perMessageGroupId needs DeduplicationScope messageGroup.');
  return merged;
}
