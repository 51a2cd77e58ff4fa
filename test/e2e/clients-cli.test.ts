import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startLocalAws } from '../../infra/local/index.ts';
import { has, run } from './tools.ts';

if (!(await has('aws', ['--version']))) {
  console.log('notice: the AWS CLI is not on this machine, so it was not tried');
  test('the AWS CLI is not here', () => {});
} else {
  test('the AWS CLI: SQS, SSM and STS', async () => {
    const aws = await startLocalAws({ port: 0 });
    const env = {
      AWS_ACCESS_KEY_ID: aws.rootKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.rootKey.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_PAGER: '',
    };
    const cli = (...args: string[]) => run('aws', ['--endpoint-url', aws.url, '--output', 'json', ...args], env);
    const ok = async (...args: string[]) => {
      const out = await cli(...args);
      assert.is(out.code, 0, `${args.join(' ')}: ${out.stderr}`);
      return out.stdout.trim() === '' ? {} : JSON.parse(out.stdout);
    };
    try {
      assert.is((await ok('sts', 'get-caller-identity')).Account, '000000000000');
      const { QueueUrl } = await ok('sqs', 'create-queue', '--queue-name', 'q');
      const q = ['--queue-url', QueueUrl];
      await ok('sqs', 'send-message', ...q, '--message-body', 'hello');
      const got = await ok('sqs', 'receive-message', ...q, '--wait-time-seconds', '2');
      assert.is(got.Messages[0].Body, 'hello');
      const counts = await ok('sqs', 'get-queue-attributes', ...q, '--attribute-names', 'All');
      assert.is(counts.Attributes.ApproximateNumberOfMessagesNotVisible, '1');
      await ok('sqs', 'delete-message', ...q, '--receipt-handle', got.Messages[0].ReceiptHandle);
      const put = ['ssm', 'put-parameter', '--name', '/demo/p', '--type', 'String'];
      assert.is((await ok(...put, '--value', 'one')).Version, 1);
      const again = await cli(...put, '--value', 'two');
      assert.is.not(again.code, 0);
      assert.match(again.stderr, /ParameterAlreadyExists/);
      assert.is((await ok(...put, '--value', 'two', '--overwrite')).Version, 2);
      assert.is((await ok('ssm', 'get-parameter', '--name', '/demo/p')).Parameter.Value, 'two');
      const denied = await cli('sqs', 'get-queue-url', '--queue-name', 'nope');
      assert.match(denied.stderr, /AWS\.SimpleQueueService\.NonExistentQueue/);
    } finally {
      await aws.close();
    }
  });
}

test.run();
