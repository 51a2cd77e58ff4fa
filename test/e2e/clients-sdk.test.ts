import assert from 'node:assert/strict';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { test } from 'uvu';
import { type LocalAws, startLocalAws } from '../../infra/local/index.ts';

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

async function withAws(fn: (aws: LocalAws, config: (keys: Keys) => object) => Promise<void>): Promise<void> {
  const aws = await startLocalAws({ port: 0 });
  const config = (credentials: Keys): object => ({
    endpoint: aws.url,
    region: 'us-east-1',
    credentials,
    maxAttempts: 1,
  });
  try {
    await fn(aws, config);
  } finally {
    await aws.close();
  }
}

const nameOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: Error) => error.name,
  );

test('SQS: a message with attributes through the SDK, which checks the sums', async () => {
  await withAws(async (aws, config) => {
    const sqs = new SQSClient(config(aws.rootKey));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
    const MessageAttributes = {
      s: { DataType: 'String', StringValue: 'ü\u{1F600}' },
      b: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 7]) },
    };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hé', MessageAttributes }));
    const Entries = [{ Id: '1', MessageBody: 'b', MessageAttributes }];
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
        WaitTimeSeconds: 1,
      }),
    );
    assert.equal(Messages?.length, 2);
    assert.deepEqual([...(Messages?.[0]?.MessageAttributes?.b?.BinaryValue ?? [])], [0, 255, 7]);
    const ReceiptHandle = Messages?.[0]?.ReceiptHandle;
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 9 }));
    const handles = (Messages ?? []).map((m, i) => ({ Id: `${i}`, ReceiptHandle: m.ReceiptHandle }));
    const deleted = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
    assert.equal(deleted.Successful?.length, 2);
    const names = ['ApproximateAgeOfOldestMessage' as 'All'];
    const ask = sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names }));
    assert.equal(await nameOf(ask), 'InvalidAttributeName');
    const gone = sqs.send(new SendMessageCommand({ QueueUrl: `${QueueUrl}x`, MessageBody: 'x' }));
    assert.equal(await nameOf(gone), 'QueueDoesNotExist');
    sqs.destroy();
  });
});

test('SSM: versions and pages through the SDK', async () => {
  await withAws(async (aws, config) => {
    const ssm = new SSMClient(config(aws.rootKey));
    for (const Value of ['1', '2'])
      await ssm.send(new PutParameterCommand({ Name: '/p/a', Value, Type: 'String', Overwrite: true }));
    await ssm.send(new PutParameterCommand({ Name: '/p/b', Value: 'x', Type: 'SecureString' }));
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/p/a:1' }));
    assert.equal(Parameter?.Value, '1');
    assert.ok(Parameter?.LastModifiedDate instanceof Date);
    const page = await ssm.send(new GetParametersByPathCommand({ Path: '/p', MaxResults: 1 }));
    const rest = await ssm.send(new GetParametersByPathCommand({ Path: '/p', NextToken: page.NextToken }));
    assert.deepEqual([page.Parameters?.[0]?.Name, rest.Parameters?.[0]?.Name], ['/p/a', '/p/b']);
    assert.equal(await nameOf(ssm.send(new GetParameterCommand({ Name: '/none' }))), 'ParameterNotFound');
    ssm.destroy();
  });
});

test('a task role is its own principal: a Deny aimed at it stops it and nobody else', async () => {
  await withAws(async (aws, config) => {
    const root = new SQSClient(config(aws.rootKey));
    const issued = aws.credentials.issue({ roleName: 'worker', sessionName: 'task-1' });
    const worker = new SQSClient(config(issued));
    const { QueueUrl } = await root.send(new CreateQueueCommand({ QueueName: 'q' }));
    const Statement = {
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:*',
      Condition: { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/worker' } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await root.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    const receive = new ReceiveMessageCommand({ QueueUrl });
    const error = await worker.send(receive).catch((e) => e);
    // For services that once spoke the query protocol the SDK names unmodelled errors by their query code.
    assert.equal(error.name, 'AccessDenied');
    assert.equal(error.$metadata.httpStatusCode, 403);
    assert.match(error.message, /assumed-role\/worker\/task-1 is not authorized to perform: sqs:receivemessage/);
    assert.ok(await root.send(receive));
    aws.credentials.revoke(issued.accessKeyId);
    assert.equal(await nameOf(worker.send(receive)), 'ExpiredToken');
    for (const client of [root, worker]) client.destroy();
  });
});

test('a known key with a wrong secret or token is refused, a made-up key is not', async () => {
  await withAws(async (aws, config) => {
    const call = async (keys: Keys): Promise<string> => {
      const client = new SQSClient(config(keys));
      const outcome = await nameOf(client.send(new CreateQueueCommand({ QueueName: 'q' })));
      client.destroy();
      return outcome;
    };
    assert.equal(await call({ accessKeyId: 'dummy', secretAccessKey: 'dummy' }), 'no error');
    assert.equal(await call({ ...aws.rootKey, secretAccessKey: 'wrong' }), 'SignatureDoesNotMatch');
    const issued = aws.credentials.issue({ roleName: 'r', sessionName: 's' });
    assert.equal(await call(issued), 'no error');
    assert.equal(await call({ ...issued, sessionToken: 'other' }), 'InvalidClientTokenId');
  });
});

test.run();
