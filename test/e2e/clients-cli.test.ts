import assert from 'node:assert/strict';
import { test } from 'uvu';
import { createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import { createEcs, type Ecs } from '../../infra/local/ecs/index.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { has, run, withoutTool } from '../support/tools.ts';

if (!(await has('aws', ['--version']))) {
  withoutTool('the AWS CLI', 'the embedded AWS is not tried with it');
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
      assert.equal(out.code, 0, `${args.join(' ')}: ${out.stderr}`);
      return out.stdout.trim() === '' ? {} : JSON.parse(out.stdout);
    };
    try {
      assert.equal((await ok('sts', 'get-caller-identity')).Account, '000000000000');
      const { QueueUrl } = await ok('sqs', 'create-queue', '--queue-name', 'q');
      const q = ['--queue-url', QueueUrl];
      await ok('sqs', 'send-message', ...q, '--message-body', 'hello');
      const got = await ok('sqs', 'receive-message', ...q, '--wait-time-seconds', '2');
      assert.equal(got.Messages[0].Body, 'hello');
      const counts = await ok('sqs', 'get-queue-attributes', ...q, '--attribute-names', 'All');
      assert.equal(counts.Attributes.ApproximateNumberOfMessagesNotVisible, '1');
      await ok('sqs', 'delete-message', ...q, '--receipt-handle', got.Messages[0].ReceiptHandle);
      const put = ['ssm', 'put-parameter', '--name', '/demo/p', '--type', 'String'];
      assert.equal((await ok(...put, '--value', 'one')).Version, 1);
      const again = await cli(...put, '--value', 'two');
      assert.notEqual(again.code, 0);
      assert.match(again.stderr, /ParameterAlreadyExists/);
      assert.equal((await ok(...put, '--value', 'two', '--overwrite')).Version, 2);
      assert.equal((await ok('ssm', 'get-parameter', '--name', '/demo/p')).Parameter.Value, 'two');
      const denied = await cli('sqs', 'get-queue-url', '--queue-name', 'nope');
      assert.match(denied.stderr, /AWS\.SimpleQueueService\.NonExistentQueue/);
    } finally {
      await aws.close();
    }
  });
}

if (await has('aws', ['--version']))
  test('the AWS CLI: ECS and CloudWatch', async () => {
    let ecs: Ecs | undefined;
    const aws = await startLocalAws({
      port: 0,
      services: [
        (context) => {
          ecs = createEcs(context, { startUpMs: 50, deprovisionMs: 10 });
          return ecs;
        },
        (context) => createCloudWatch(context, { ecs: ecs!, publishPeriodMs: 1_000 }),
      ],
    });
    const env = {
      AWS_ACCESS_KEY_ID: aws.rootKey.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.rootKey.secretAccessKey,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_PAGER: '',
    };
    const ok = async (...args: string[]) => {
      const out = await run('aws', ['--endpoint-url', aws.url, '--output', 'json', ...args], env);
      assert.equal(out.code, 0, `${args.join(' ')}: ${out.stderr}`);
      return out.stdout.trim() === '' ? {} : JSON.parse(out.stdout);
    };
    const c = ['--cluster', 'demo'];
    try {
      await ok('ecs', 'create-cluster', '--cluster-name', 'demo');
      const command = [process.execPath, '-e', 'setInterval(() => {}, 1000)'];
      const container = JSON.stringify([{ name: 'w', image: 'x', essential: true, command, stopTimeout: 2 }]);
      await ok('ecs', 'register-task-definition', '--family', 'w', '--container-definitions', container);
      const create = ['--service-name', 'w', '--task-definition', 'w', '--desired-count', '2'];
      await ok('ecs', 'create-service', ...c, ...create);
      // The CLI's own waiter looks at deployments and counts as people's scripts do.
      await ok('ecs', 'wait', 'services-stable', ...c, '--services', 'w');
      const { taskArns } = await ok('ecs', 'list-tasks', ...c, '--service-name', 'w');
      assert.equal(taskArns.length, 2);
      await ok('ecs', 'update-service', ...c, '--service', 'w', '--desired-count', '1');
      await ok('ecs', 'stop-task', ...c, '--task', taskArns[0], '--reason', 'a test');
      await ok('ecs', 'wait', 'tasks-stopped', ...c, '--tasks', taskArns[0]);
      const { services } = await ok('ecs', 'describe-services', ...c, '--services', 'w');
      assert.equal(services[0].desiredCount, 1);
      await ok('cloudwatch', 'put-metric-data', '--namespace', 'N', '--metric-name', 'm', '--value', '7');
      const alarm = ['--alarm-name', 'a', '--namespace', 'N', '--metric-name', 'm', '--statistic', 'Maximum'];
      const limits = ['--period', '60', '--evaluation-periods', '1', '--threshold', '5'];
      await ok('cloudwatch', 'put-metric-alarm', ...alarm, ...limits, '--comparison-operator', 'GreaterThanThreshold');
      const { MetricAlarms } = await ok('cloudwatch', 'describe-alarms', '--alarm-names', 'a');
      assert.equal(MetricAlarms[0].Threshold, 5);
    } finally {
      await aws.close();
    }
  });

test.run();
