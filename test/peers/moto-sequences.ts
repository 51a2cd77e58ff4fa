/** The calls that are made both to moto and to the embedded AWS, in this order. */

export interface Step {
  /** Names the step in the list of moto's known faults. */
  label: string;
  service: 'sqs' | 'ssm';
  action: string;
  /** `$NAME` stands for what an earlier step kept under that name. */
  input: Record<string, unknown>;
  /** Keeps a part of the reply, by its path. */
  keep?: Record<string, string>;
}

const sqs = (label: string, action: string, input: Record<string, unknown>, keep?: Record<string, string>): Step => ({
  label,
  service: 'sqs',
  action,
  input,
  ...(keep ? { keep } : {}),
});

const ssm = (label: string, action: string, input: Record<string, unknown>): Step => ({
  label,
  service: 'ssm',
  action,
  input,
});

const COUNTERS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

const attributes = {
  s: { DataType: 'String', StringValue: 'grün' },
  b: { DataType: 'Binary', BinaryValue: 'AP8=' },
  n: { DataType: 'Number', StringValue: '42' },
};

const arn = (name: string): string => `arn:aws:sqs:us-east-1:123456789012:${name}`;
const handle = { h: 'Messages.0.ReceiptHandle' };

export const SQS_STEPS: Step[] = [
  sqs('create', 'CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '40' } }, { q: 'QueueUrl' }),
  sqs('create again', 'CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '40' } }),
  sqs('create different', 'CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '41' } }),
  sqs('create bad name', 'CreateQueue', { QueueName: 'a b' }),
  sqs('create fifo without suffix', 'CreateQueue', { QueueName: 'f', Attributes: { FifoQueue: 'true' } }),
  sqs('url', 'GetQueueUrl', { QueueName: 'q' }),
  sqs('url of none', 'GetQueueUrl', { QueueName: 'none' }),
  sqs('list', 'ListQueues', { QueueNamePrefix: 'q' }),
  sqs('list none', 'ListQueues', { QueueNamePrefix: 'zzz' }),
  sqs('attributes', 'GetQueueAttributes', {
    QueueUrl: '$q',
    AttributeNames: [...COUNTERS, 'VisibilityTimeout', 'DelaySeconds', 'MessageRetentionPeriod', 'QueueArn'],
  }),
  sqs('attributes unknown', 'GetQueueAttributes', {
    QueueUrl: '$q',
    AttributeNames: ['ApproximateAgeOfOldestMessage'],
  }),
  sqs('attributes none', 'GetQueueAttributes', { QueueUrl: '$q' }),
  sqs('set unknown', 'SetQueueAttributes', { QueueUrl: '$q', Attributes: { Nonsense: '1' } }),
  sqs('set out of range', 'SetQueueAttributes', { QueueUrl: '$q', Attributes: { VisibilityTimeout: '999999' } }),
  sqs('set back', 'SetQueueAttributes', { QueueUrl: '$q', Attributes: { VisibilityTimeout: '40' } }),
  sqs('tag', 'TagQueue', { QueueUrl: '$q', Tags: { a: '1', b: '2' } }),
  sqs('untag', 'UntagQueue', { QueueUrl: '$q', TagKeys: ['a'] }),
  sqs('tags', 'ListQueueTags', { QueueUrl: '$q' }),
  sqs('send', 'SendMessage', { QueueUrl: '$q', MessageBody: 'hällo', MessageAttributes: attributes }),
  sqs('send delayed', 'SendMessage', { QueueUrl: '$q', MessageBody: 'later', DelaySeconds: 900 }),
  sqs('send delayed too long', 'SendMessage', { QueueUrl: '$q', MessageBody: 'x', DelaySeconds: 901 }),
  sqs('send to none', 'SendMessage', { QueueUrl: '$qx', MessageBody: 'x' }),
  // In a queue of their own, so that what moto wrongly takes in does not change what follows.
  sqs('scratch', 'CreateQueue', { QueueName: 'scratch' }, { s: 'QueueUrl' }),
  sqs('send bad characters', 'SendMessage', { QueueUrl: '$s', MessageBody: '\u0000' }),
  sqs('send bad attribute', 'SendMessage', {
    QueueUrl: '$s',
    MessageBody: 'x',
    MessageAttributes: { a: { DataType: 'String', StringValue: '' } },
  }),
  sqs('count', 'GetQueueAttributes', { QueueUrl: '$q', AttributeNames: COUNTERS }),
  sqs('receive', 'ReceiveMessage', { QueueUrl: '$q', MessageAttributeNames: ['All'], AttributeNames: ['All'] }, handle),
  sqs('count in flight', 'GetQueueAttributes', { QueueUrl: '$q', AttributeNames: COUNTERS }),
  sqs('receive nothing', 'ReceiveMessage', { QueueUrl: '$q' }),
  sqs('receive too many', 'ReceiveMessage', { QueueUrl: '$q', MaxNumberOfMessages: 11 }),
  sqs('receive too long', 'ReceiveMessage', { QueueUrl: '$q', WaitTimeSeconds: 21 }),
  sqs('extend', 'ChangeMessageVisibility', { QueueUrl: '$q', ReceiptHandle: '$h', VisibilityTimeout: 60 }),
  sqs('extend too far', 'ChangeMessageVisibility', { QueueUrl: '$q', ReceiptHandle: '$h', VisibilityTimeout: 43_201 }),
  sqs('give back', 'ChangeMessageVisibility', { QueueUrl: '$q', ReceiptHandle: '$h', VisibilityTimeout: 0 }),
  sqs('give back twice', 'ChangeMessageVisibility', { QueueUrl: '$q', ReceiptHandle: '$h', VisibilityTimeout: 0 }),
  sqs('receive again', 'ReceiveMessage', { QueueUrl: '$q', AttributeNames: ['ApproximateReceiveCount'] }, handle),
  sqs('delete', 'DeleteMessage', { QueueUrl: '$q', ReceiptHandle: '$h' }),
  sqs('delete twice', 'DeleteMessage', { QueueUrl: '$q', ReceiptHandle: '$h' }),
  sqs('delete bogus', 'DeleteMessage', { QueueUrl: '$q', ReceiptHandle: 'bogus' }),
  sqs('batch', 'SendMessageBatch', {
    QueueUrl: '$q',
    Entries: [
      { Id: 'a', MessageBody: '1' },
      { Id: 'b', MessageBody: '2', MessageAttributes: attributes },
    ],
  }),
  sqs('batch empty', 'SendMessageBatch', { QueueUrl: '$q', Entries: [] }),
  sqs('batch same ids', 'SendMessageBatch', {
    QueueUrl: '$q',
    Entries: [
      { Id: 'a', MessageBody: '1' },
      { Id: 'a', MessageBody: '2' },
    ],
  }),
  sqs('batch bad id', 'SendMessageBatch', { QueueUrl: '$q', Entries: [{ Id: 'a b', MessageBody: '1' }] }),
  sqs('batch too many', 'SendMessageBatch', {
    QueueUrl: '$q',
    Entries: Array.from({ length: 11 }, (_, i) => ({ Id: `${i}`, MessageBody: 'x' })),
  }),
  sqs('receive batch', 'ReceiveMessage', { QueueUrl: '$q', MaxNumberOfMessages: 10 }, handle),
  sqs('delete batch', 'DeleteMessageBatch', { QueueUrl: '$q', Entries: [{ Id: 'x', ReceiptHandle: '$h' }] }),
  sqs('purge', 'PurgeQueue', { QueueUrl: '$q' }),
  sqs('count after purge', 'GetQueueAttributes', { QueueUrl: '$q', AttributeNames: COUNTERS }),
  sqs('dead', 'CreateQueue', { QueueName: 'dead' }, { d: 'QueueUrl' }),
  sqs('redrive', 'SetQueueAttributes', {
    QueueUrl: '$q',
    Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 1 }) },
  }),
  sqs('redrive to none', 'SetQueueAttributes', {
    QueueUrl: '$q',
    Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('none'), maxReceiveCount: 1 }) },
  }),
  sqs('sources', 'ListDeadLetterSourceQueues', { QueueUrl: '$d' }),
  sqs('send poison', 'SendMessage', { QueueUrl: '$q', MessageBody: 'poison' }),
  sqs('receive poison', 'ReceiveMessage', { QueueUrl: '$q', VisibilityTimeout: 0 }),
  sqs('receive poison again', 'ReceiveMessage', { QueueUrl: '$q', VisibilityTimeout: 0 }),
  sqs('count dead', 'GetQueueAttributes', { QueueUrl: '$d', AttributeNames: COUNTERS }),
  sqs('fifo', 'CreateQueue', { QueueName: 'f.fifo', Attributes: { FifoQueue: 'true' } }, { f: 'QueueUrl' }),
  sqs('fifo without group', 'SendMessage', { QueueUrl: '$f', MessageBody: 'x' }),
  sqs('fifo without id', 'SendMessage', { QueueUrl: '$f', MessageBody: 'x', MessageGroupId: 'g' }),
  ...['1', '2', '1'].map((id, i) =>
    sqs(`fifo send ${i}`, 'SendMessage', {
      QueueUrl: '$f',
      MessageBody: id,
      MessageGroupId: 'g',
      MessageDeduplicationId: id,
    }),
  ),
  sqs('fifo receive', 'ReceiveMessage', { QueueUrl: '$f' }, handle),
  sqs('fifo locked', 'ReceiveMessage', { QueueUrl: '$f' }),
  sqs('fifo delete', 'DeleteMessage', { QueueUrl: '$f', ReceiptHandle: '$h' }),
  sqs('fifo next', 'ReceiveMessage', { QueueUrl: '$f' }),
  sqs('remove', 'DeleteQueue', { QueueUrl: '$q' }),
  sqs('remove twice', 'DeleteQueue', { QueueUrl: '$q' }),
];

const put = (label: string, Name: string, Value: string, more: object = {}): Step =>
  ssm(label, 'PutParameter', { Name, Value, Type: 'String', ...more });

export const SSM_STEPS: Step[] = [
  put('put', '/p/a', '1', { Description: 'd', Tags: [{ Key: 'k', Value: 'v' }] }),
  put('put exists', '/p/a', '2'),
  put('put over', '/p/a', '2', { Overwrite: true }),
  put('put list', '/p/l', 'a,b', { Type: 'StringList' }),
  put('put secret', '/p/s/t', 'geheim', { Type: 'SecureString' }),
  put('put empty', '/p/e', ''),
  put('put bad type', '/p/e', 'x', { Type: 'Odd' }),
  put('put reserved', '/aws/x', 'x'),
  put('put ssm', 'ssmx', 'x'),
  put('put large', '/big', 'x'.repeat(4097)),
  put('put larger', '/bigger', 'x'.repeat(8193), { Tier: 'Advanced' }),
  ssm('get', 'GetParameter', { Name: '/p/a' }),
  ssm('get version', 'GetParameter', { Name: '/p/a:1' }),
  ssm('get no version', 'GetParameter', { Name: '/p/a:9' }),
  ssm('get none', 'GetParameter', { Name: '/none' }),
  ssm('get secret', 'GetParameter', { Name: '/p/s/t', WithDecryption: true }),
  ssm('get secret closed', 'GetParameter', { Name: '/p/s/t' }),
  ssm('label', 'LabelParameterVersion', { Name: '/p/a', ParameterVersion: 1, Labels: ['live', '9bad'] }),
  ssm('get label', 'GetParameter', { Name: '/p/a:live' }),
  ssm('label moves', 'LabelParameterVersion', { Name: '/p/a', ParameterVersion: 2, Labels: ['live'] }),
  ssm('label none', 'LabelParameterVersion', { Name: '/none', Labels: ['live'] }),
  ssm('label no version', 'LabelParameterVersion', { Name: '/p/a', ParameterVersion: 7, Labels: ['live'] }),
  ssm('many', 'GetParameters', { Names: ['/p/a', '/p/l', '/none'] }),
  ssm('too many', 'GetParameters', { Names: Array.from({ length: 11 }, (_, i) => `/n${i}`) }),
  ssm('path', 'GetParametersByPath', { Path: '/p' }),
  ssm('path deep', 'GetParametersByPath', { Path: '/p', Recursive: true, WithDecryption: true }),
  ssm('path too long a page', 'GetParametersByPath', { Path: '/p', MaxResults: 11 }),
  ssm('history', 'GetParameterHistory', { Name: '/p/a' }),
  ssm('history none', 'GetParameterHistory', { Name: '/none' }),
  ssm('describe', 'DescribeParameters', {
    ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: ['/p/a'] }],
  }),
  ssm('tags', 'ListTagsForResource', { ResourceType: 'Parameter', ResourceId: '/p/a' }),
  ssm('add tags', 'AddTagsToResource', {
    ResourceType: 'Parameter',
    ResourceId: '/p/a',
    Tags: [{ Key: 'x', Value: 'y' }],
  }),
  ssm('remove tags', 'RemoveTagsFromResource', { ResourceType: 'Parameter', ResourceId: '/p/a', TagKeys: ['k'] }),
  ssm('tags after', 'ListTagsForResource', { ResourceType: 'Parameter', ResourceId: '/p/a' }),
  ssm('unlabel', 'UnlabelParameterVersion', { Name: '/p/a', ParameterVersion: 2, Labels: ['live', 'none'] }),
  ssm('delete', 'DeleteParameter', { Name: '/p/l' }),
  ssm('delete none', 'DeleteParameter', { Name: '/p/l' }),
  ssm('delete many', 'DeleteParameters', { Names: ['/p/a', '/none'] }),
];
