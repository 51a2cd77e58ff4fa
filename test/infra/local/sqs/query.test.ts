import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { type LocalAws, startLocalAws } from '../../../../infra/local/index.ts';
import { raw } from '../support.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const VERSION = 'Version=2012-11-05';
const QUEUE = '/000000000000/jobs';

async function withAws(fn: (aws: LocalAws) => Promise<void>): Promise<void> {
  const aws = await startLocalAws({ port: 0, onProblem: (message) => assert.fail(message) });
  try {
    await post(
      aws,
      `Action=CreateQueue&${VERSION}&QueueName=jobs&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=5`,
    );
    await fn(aws);
  } finally {
    await aws.close();
  }
}

const post = (aws: LocalAws, body: string, path = '/') => raw(aws.port, { path, headers: FORM, body });
/** A made-up key, as plain clients have it. */
const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sqs/aws4_request' };
const get = (aws: LocalAws, path: string) => raw(aws.port, { method: 'GET', path, headers: SIGNED });

/** The text of the first element of a name. */
const textOf = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

const count = (xml: string, name: string): number => xml.split(`<${name}>`).length - 1;

test('a request to the queue, as SDKs for PHP and Ruby send it, and its reply', async () => {
  await withAws(async (aws) => {
    const sent = await post(aws, `Action=SendMessage&${VERSION}&MessageBody=hello+world%21&DelaySeconds=0`, QUEUE);
    assert.equal(sent.status, 200);
    assert.equal(sent.headers['content-type'], 'text/xml');
    const id = String(sent.headers['x-amzn-requestid']);
    assert.equal(
      sent.body.replace(/<MessageId>[0-9a-f-]{36}</, '<MessageId>ID<'),
      '<?xml version="1.0"?>\n<SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><SendMessageResult>' +
        '<MessageId>ID</MessageId><MD5OfMessageBody>fc3ff98e8c6a0d3087d515c0473f8677</MD5OfMessageBody></SendMessageResult>' +
        `<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></SendMessageResponse>\n`,
    );
    const got = await post(aws, `Action=ReceiveMessage&${VERSION}&AttributeName.1=SentTimestamp`, QUEUE);
    assert.equal(textOf(got.body, 'Body'), 'hello world!');
    assert.match(got.body, /<Attribute><Name>SentTimestamp<\/Name><Value>\d{13}<\/Value><\/Attribute>/);
    const ReceiptHandle = encodeURIComponent(textOf(got.body, 'ReceiptHandle') ?? '');
    const gone = await post(aws, `Action=DeleteMessage&${VERSION}&ReceiptHandle=${ReceiptHandle}`, QUEUE);
    assert.match(gone.body, /^<\?xml version="1.0"\?>\n<DeleteMessageResponse xmlns="[^"]*"><ResponseMetadata>/);
    const none = await post(aws, `Action=ReceiveMessage&${VERSION}`, QUEUE);
    assert.match(none.body, /<ReceiveMessageResult\/>/);
  });
});

test('GET, with the members in the URL, and QueueUrl in place of the path', async () => {
  await withAws(async (aws) => {
    await get(aws, `${QUEUE}?Action=SendMessage&${VERSION}&MessageBody=a%26b`);
    const url = encodeURIComponent(`https://sqs.us-east-1.amazonaws.com${QUEUE}`);
    const got = await get(aws, `/?Action=ReceiveMessage&${VERSION}&QueueUrl=${url}`);
    assert.equal(textOf(got.body, 'Body'), 'a&amp;b');
    const listed = await get(aws, `/?Action=ListQueues&${VERSION}&QueueNamePrefix=jo`);
    assert.equal(textOf(listed.body, 'QueueUrl'), `${aws.url}${QUEUE}`);
  });
});

test('a GET without a signature does nothing: a web page could make it', async () => {
  await withAws(async (aws) => {
    const { status, body } = await raw(aws.port, { method: 'GET', path: `${QUEUE}?Action=DeleteQueue&${VERSION}` });
    assert.equal(status, 403);
    assert.equal(textOf(body, 'Code'), 'MissingAuthenticationToken');
    assert.equal((await post(aws, `Action=ReceiveMessage&${VERSION}`, QUEUE)).status, 200);
  });
});

test('batches, maps and lists', async () => {
  await withAws(async (aws) => {
    const entry = (n: number, members: string): string =>
      members
        .split('&')
        .map((each) => `&SendMessageBatchRequestEntry.${n}.${each}`)
        .join('');
    const attribute =
      'MessageAttribute.1.Name=k&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=v';
    const reply = await post(
      aws,
      // Numbers decide the order, not places; the third body holds a character that SQS refuses.
      `Action=SendMessageBatch&${VERSION}${entry(10, 'Id=last&MessageBody=10')}${entry(2, `Id=first&MessageBody=2&${attribute}`)}` +
        entry(11, 'Id=bad&MessageBody=%01'),
      QUEUE,
    );
    assert.equal(count(reply.body, 'SendMessageBatchResultEntry'), 2);
    assert.match(reply.body, /<Id>first<\/Id>.*<Id>last<\/Id>/);
    assert.match(
      reply.body,
      /<BatchResultErrorEntry><Id>bad<\/Id><SenderFault>true<\/SenderFault><Code>InvalidMessageContents<\/Code>/,
    );
    const asked = `Action=ReceiveMessage&${VERSION}&MaxNumberOfMessages=10&MessageAttributeName.1=All`;
    const { body } = await post(aws, asked, QUEUE);
    assert.equal(count(body, 'Message'), 2);
    assert.match(
      body,
      /<MessageAttribute><Name>k<\/Name><Value><DataType>String<\/DataType><StringValue>v<\/StringValue><\/Value><\/MessageAttribute>/,
    );
    await post(aws, `Action=TagQueue&${VERSION}&Tag.1.Key=team&Tag.1.Value=x&Tag.2.Key=n&Tag.2.Value=1`, QUEUE);
    await post(aws, `Action=UntagQueue&${VERSION}&TagKey.1=n`, QUEUE);
    const tags = await post(aws, `Action=ListQueueTags&${VERSION}`, QUEUE);
    assert.match(
      tags.body,
      /<ListQueueTagsResult><Tag><Key>team<\/Key><Value>x<\/Value><\/Tag><\/ListQueueTagsResult>/,
    );
    // A single attribute may lack its number.
    await post(aws, `Action=SetQueueAttributes&${VERSION}&Attribute.Name=VisibilityTimeout&Attribute.Value=7`, QUEUE);
    const attributes = await post(aws, `Action=GetQueueAttributes&${VERSION}&AttributeName.1=VisibilityTimeout`, QUEUE);
    assert.match(attributes.body, /<Attribute><Name>VisibilityTimeout<\/Name><Value>7<\/Value><\/Attribute>/);
  });
});

test("errors have the query protocol's shape and codes", async () => {
  await withAws(async (aws) => {
    const lost = await post(aws, `Action=GetQueueUrl&${VERSION}&QueueName=none`);
    assert.equal(lost.status, 400);
    assert.match(
      lost.body,
      /^<\?xml version="1.0"\?>\n<ErrorResponse xmlns="http:\/\/queue.amazonaws.com\/doc\/2012-11-05\/"><Error><Type>Sender<\/Type><Code>AWS.SimpleQueueService.NonExistentQueue<\/Code><Message>The specified queue does not exist.<\/Message><Detail\/><\/Error><RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>\n$/,
    );
    const codeOf = async (members: string, path = QUEUE) =>
      textOf((await post(aws, `${VERSION}&${members}`, path)).body, 'Code');
    assert.equal(await codeOf('Action=ReceiveMessage&MaxNumberOfMessages=ten'), 'InvalidParameterValue');
    assert.equal(await codeOf('Action=ReceiveMessage', '/'), 'MissingParameter');
    assert.equal(
      await codeOf('Action=ReceiveMessage', '/000000000000/none'),
      'AWS.SimpleQueueService.NonExistentQueue',
    );
    assert.equal(await codeOf('Action=SendMessageBatch'), 'AWS.SimpleQueueService.EmptyBatchRequest');
    assert.equal(await codeOf('Action=Nonsense'), 'InvalidAction');
    assert.equal(await codeOf(''), 'InvalidAction');
  });
});

test('a message comes through whole, so that its MD5 fits', async () => {
  await withAws(async (aws) => {
    const body = '<a b="c">&\r\n\té€\u{1f600}]]></a>';
    await post(aws, `Action=SendMessage&${VERSION}&MessageBody=${encodeURIComponent(body)}`, QUEUE);
    const got = await post(aws, `Action=ReceiveMessage&${VERSION}`, QUEUE);
    const escaped = '&lt;a b=&quot;c&quot;&gt;&amp;&#xD;\n\té€\u{1f600}]]&gt;&lt;/a&gt;';
    assert.equal(textOf(got.body, 'Body'), escaped);
  });
});

test('both protocols see one queue', async () => {
  await withAws(async (aws) => {
    await post(aws, `Action=SendMessage&${VERSION}&MessageBody=from+a+form`, QUEUE);
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' };
    const got = await raw(aws.port, { headers, body: JSON.stringify({ QueueUrl: aws.url + QUEUE }) });
    assert.equal(JSON.parse(got.body).Messages[0].Body, 'from a form');
  });
});

test('no form makes it fall over', async () => {
  await withAws(async (aws) => {
    const actions = aws.sqs.actions.filter((action) => action !== 'DeleteQueue');
    const part = fc.constantFrom(
      'Attribute',
      'Entry',
      'Tag',
      '1',
      '2',
      'Name',
      'Key',
      'Value',
      'Id',
      '',
      '__proto__',
      'constructor',
    );
    const batch = fc.constantFrom(
      ...['Send', 'Delete', 'ChangeVisibility'].map((each) => `${each}MessageBatchRequestEntry`),
    );
    const name = fc.array(fc.oneof(part, batch), { minLength: 1, maxLength: 10 }).map((parts) => parts.join('.'));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...actions),
        fc.array(fc.tuple(name, fc.string({ maxLength: 20 })), { maxLength: 12 }),
        async (action, members) => {
          const form = new URLSearchParams([['Action', action], ...members]);
          const { status, body } = await post(aws, form.toString(), QUEUE);
          assert.ok(status < 500, `${status} for ${form}: ${body}`);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test.run();
