/** Reads the messages of senders and checks their limits; defines the record that a queue keeps of a message. */

import { integer, isObject, object, text } from '../input.ts';
import type { Input } from '../service.ts';
import { invalidMessageContents, invalidParameter, invalidValue, missingParameter } from './errors.ts';

export interface AttributeValue {
  DataType: string;
  StringValue?: string;
  /** Base64, as in requests. */
  BinaryValue?: string;
}

export type MessageAttributes = Record<string, AttributeValue>;

/** The record of a message. It is plain data, since it goes into the state folder. */
export interface Message {
  id: string;
  body: string;
  bodyMd5: string;
  attributes: MessageAttributes;
  systemAttributes: MessageAttributes;
  groupId?: string;
  dedupId?: string;
  /** FIFO: twenty digits. */
  sequenceNumber?: string;
  senderId: string;
  /** Bytes of body and attributes. */
  size: number;
  /** The position in the queue. A message that goes to the back gets a new one. */
  order: number;
  /** Milliseconds. Retention counts from here; in a standard queue a move to a dead-letter queue does not change it. */
  sentAt: number;
  /** The arrival in this queue, in milliseconds. */
  arrivedAt: number;
  /** The time at which the message becomes available (again), in milliseconds. */
  visibleAt: number;
  /** Receives in the whole life of the message (ApproximateReceiveCount). A dead-letter queue goes on counting. */
  receiveCount: number;
  /** Receives in this queue. A redrive policy compares this number. */
  receivesHere: number;
  place: 'available' | 'delayed' | 'inFlight';
  firstReceivedAt?: number;
  /** The begin of the present receive. A visibility timeout may last until 12 hours after it. */
  lastReceivedAt?: number;
  /** The part of the newest receipt handle by which it differs from earlier ones. */
  receipt?: string;
  deadLetterSourceArn?: string;
}

export interface Outgoing {
  body: string;
  attributes: MessageAttributes;
  systemAttributes: MessageAttributes;
  /** Seconds; undefined for the queue's default. */
  delaySeconds: number | undefined;
  groupId: string | undefined;
  dedupId: string | undefined;
  size: number;
}

export const MAX_DELAY_SECONDS = 900;

/** The characters of XML 1.0, since SQS once sent bodies in XML. Lone surrogates are not among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: tab and line ends are what it allows.
const VALID_BODY = /^[\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

const ATTRIBUTE_NAME = /^(?!(?:aws|amazon)\.)(?!\.)(?!.*\.\.)(?!.*\.$)[\w.-]{1,256}$/i;
const DATA_TYPE = /^(String|Number|Binary)(?:\..{1,256})?$/s;
const FIFO_ID = /^[a-zA-Z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;

function attributeValue(name: string, raw: unknown): AttributeValue {
  if (!isObject(raw)) throw invalidParameter(`The message attribute '${name}' must be a structure.`);
  const type = text(raw, 'DataType');
  if (!type) throw invalidParameter(`The message attribute '${name}' must contain a non-empty message attribute type.`);
  const kind = DATA_TYPE.exec(type)?.[1];
  if (!kind)
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const value = text(raw, kind === 'Binary' ? 'BinaryValue' : 'StringValue');
  if (!value)
    throw invalidParameter(
      `The message attribute '${name}' must contain a non-empty message attribute value for message attribute type '${kind}'.`,
    );
  if (kind === 'Number' && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value))
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  if (kind !== 'Binary' && !VALID_BODY.test(value)) throw invalidMessageContents();
  return kind === 'Binary' ? { DataType: type, BinaryValue: value } : { DataType: type, StringValue: value };
}

function readAttributes(input: Input): MessageAttributes {
  const raw = object(input, 'MessageAttributes') ?? {};
  const names = Object.keys(raw);
  if (names.length > 10)
    throw invalidParameter(`Number of message attributes [${names.length}] exceeds the allowed maximum [10].`);
  // Without a prototype, so that an attribute may be called `__proto__`.
  const result: MessageAttributes = Object.create(null);
  for (const name of names) {
    if (!ATTRIBUTE_NAME.test(name))
      throw invalidParameter(
        `Message (user) attribute name '${name}' is invalid. A name may hold letters, digits, hyphens, underscores and single periods, and must not start with AWS. or Amazon.`,
      );
    result[name] = attributeValue(name, raw[name]);
  }
  return result;
}

function readSystemAttributes(input: Input): MessageAttributes {
  const raw = object(input, 'MessageSystemAttributes') ?? {};
  const result: MessageAttributes = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name !== 'AWSTraceHeader')
      throw invalidParameter(
        `Message system attribute name '${name}' is invalid. The only one to send is AWSTraceHeader.`,
      );
    const read = attributeValue(name, value);
    if (read.DataType !== 'String')
      throw invalidParameter("The message system attribute 'AWSTraceHeader' must be of type String.");
    result[name] = read;
  }
  return result;
}

const byteLength = (value: string | undefined): number => (value === undefined ? 0 : Buffer.byteLength(value, 'utf8'));

/** Returns the number of bytes that a Base64 text holds. */
const decodedLength = (base64: string | undefined): number =>
  base64 === undefined ? 0 : Buffer.byteLength(base64, 'base64');

/** Returns the bytes that count against MaximumMessageSize: body, and name, type and value of each attribute. */
function sizeOf(body: string, attributes: MessageAttributes): number {
  let size = byteLength(body);
  for (const [name, value] of Object.entries(attributes))
    size +=
      byteLength(name) + byteLength(value.DataType) + byteLength(value.StringValue) + decodedLength(value.BinaryValue);
  return size;
}

function readFifoId(input: Input, name: 'MessageGroupId' | 'MessageDeduplicationId'): string | undefined {
  const value = text(input, name);
  if (value !== undefined && !FIFO_ID.test(value))
    throw invalidValue(
      value,
      name,
      `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  return value;
}

/** Reads and checks SendMessage, or an entry of a batch, as far as that does not depend on the queue. */
export function readOutgoing(input: Input): Outgoing {
  const body = text(input, 'MessageBody');
  if (body === undefined) throw missingParameter('MessageBody');
  if (body === '') throw missingParameter('MessageBody');
  if (!VALID_BODY.test(body)) throw invalidMessageContents();
  const delaySeconds = integer(input, 'DelaySeconds');
  if (delaySeconds !== undefined && (delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS))
    throw invalidValue(delaySeconds, 'DelaySeconds', `DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`);
  const attributes = readAttributes(input);
  return {
    body,
    attributes,
    systemAttributes: readSystemAttributes(input),
    delaySeconds,
    groupId: readFifoId(input, 'MessageGroupId'),
    dedupId: readFifoId(input, 'MessageDeduplicationId'),
    size: sizeOf(body, attributes),
  };
}
