/**
 * Binds SQS to the query protocol, which all its clients spoke until 2023, and some still do.
 * Source: the SQS service model of botocore 1.29, and the API reference of 2012-11-05.
 */
import { type Field, items, NOTHING } from '../form.ts';
import { isObject } from '../input.ts';
import type { Input, QueryBinding } from '../service.ts';
import { element, xmlText } from '../xml.ts';
import { invalidValue } from './errors.ts';

/** Reads the value of a member from its fields; undefined if it has none. */
type Read = (name: string, form: Field) => unknown;

const text: Read = (name, form) => form.below.get(name)?.value;

const integer: Read = (name, form) => {
  const value = form.below.get(name)?.value;
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(value)) throw invalidValue(value, name, 'Must be an integer.');
  return Number(value);
};

/** Reads a list, whose items have a name of their own: `AttributeName.1`. */
const list =
  (itemName: string, item: (field: Field) => unknown): Read =>
  (_name, form) => {
    const field = form.below.get(itemName);
    return field && items(field).map(item);
  };

/** Reads a map, e.g. `Attribute.1.Name` and `Attribute.1.Value`. */
const map =
  (entryName: string, keyName: string, value: (field: Field) => unknown): Read =>
  (_name, form) => {
    const field = form.below.get(entryName);
    if (!field) return undefined;
    return Object.fromEntries(
      items(field).map((entry) => {
        return [entry.below.get(keyName)?.value ?? '', value(entry.below.get('Value') ?? NOTHING)];
      }),
    );
  };

const structure =
  (members: Record<string, Read>) =>
  (form: Field): Input => {
    const input: Input = {};
    for (const [name, read] of Object.entries(members)) {
      const value = read(name, form);
      if (value !== undefined) input[name] = value;
    }
    return input;
  };

const plain = (field: Field): string => field.value ?? '';
const attribute = structure({ DataType: text, StringValue: text, BinaryValue: text });

/** Members of a message to send, alone or as an entry of a batch. */
const OUTGOING: Record<string, Read> = {
  MessageBody: text,
  DelaySeconds: integer,
  MessageAttributes: map('MessageAttribute', 'Name', attribute),
  MessageSystemAttributes: map('MessageSystemAttribute', 'Name', attribute),
  MessageDeduplicationId: text,
  MessageGroupId: text,
};

const entry = structure({ Id: text, ReceiptHandle: text, VisibilityTimeout: integer, ...OUTGOING });

/** Reads the entries of a batch, which are named after its action. */
const entries: Read = (_name, form) => {
  const action = form.below.get('Action')?.value ?? '';
  const field = form.below.get(`${action}RequestEntry`);
  return field && items(field).map(entry);
};

/** A member means the same in all actions, so one table serves them all. */
const request = structure({
  ...OUTGOING,
  QueueUrl: text,
  QueueName: text,
  QueueNamePrefix: text,
  QueueOwnerAWSAccountId: text,
  ReceiptHandle: text,
  ReceiveRequestAttemptId: text,
  Label: text,
  NextToken: text,
  SourceArn: text,
  DestinationArn: text,
  TaskHandle: text,
  VisibilityTimeout: integer,
  WaitTimeSeconds: integer,
  MaxNumberOfMessages: integer,
  MaxNumberOfMessagesPerSecond: integer,
  MaxResults: integer,
  AttributeNames: list('AttributeName', plain),
  MessageAttributeNames: list('MessageAttributeName', plain),
  MessageSystemAttributeNames: list('MessageSystemAttributeName', plain),
  AWSAccountIds: list('AWSAccountId', plain),
  Actions: list('ActionName', plain),
  TagKeys: list('TagKey', plain),
  Attributes: map('Attribute', 'Name', plain),
  // CreateQueue writes the member small, TagQueue with a capital; both send `Tag.1.Key`.
  tags: map('Tag', 'Key', plain),
  Tags: (name, form) => map('Tag', 'Key', plain)(name, form) ?? map('Tags', 'Key', plain)(name, form),
  Entries: entries,
});

/** Lists in replies, by the name of one item. */
const ITEM_NAMES: Record<string, string> = {
  QueueUrls: 'QueueUrl',
  queueUrls: 'QueueUrl',
  Messages: 'Message',
  Failed: 'BatchResultErrorEntry',
  Results: 'ListMessageMoveTasksResultEntry',
};

/** Maps in replies: the name of one entry, and of its key. */
const ENTRY_NAMES: Record<string, readonly [entry: string, key: string]> = {
  Attributes: ['Attribute', 'Name'],
  MessageAttributes: ['MessageAttribute', 'Name'],
  Tags: ['Tag', 'Key'],
};

function encodeMember(action: string, name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) {
    const item = name === 'Successful' ? `${action}ResultEntry` : (ITEM_NAMES[name] ?? name);
    return value.map((each) => element(item, encode(action, each))).join('');
  }
  const names = ENTRY_NAMES[name];
  if (!isObject(value) || !names) return element(name, encode(action, value));
  const [entryName, keyName] = names;
  return Object.entries(value)
    .map(([key, each]) => element(entryName, element(keyName, xmlText(key)) + element('Value', encode(action, each))))
    .join('');
}

function encode(action: string, value: unknown): string {
  if (!isObject(value)) return xmlText(String(value));
  return Object.entries(value)
    .map(([name, member]) => encodeMember(action, name, member))
    .join('');
}

/** Actions whose reply has no result. */
const WITHOUT_RESULT = new Set([
  'AddPermission',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'DeleteQueue',
  'PurgeQueue',
  'RemovePermission',
  'SetQueueAttributes',
  'TagQueue',
  'UntagQueue',
]);

export const sqsQuery: QueryBinding = {
  version: '2012-11-05',
  namespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
  decode(form, path) {
    const input = request(form);
    // A request may go to the URL of its queue instead of naming it.
    return input.QueueUrl === undefined && path !== '/' ? { ...input, QueueUrl: path } : input;
  },
  encode: (action, output) => (WITHOUT_RESULT.has(action) ? undefined : encode(action, output)),
};
