/** Our own adapters against moto, a server that we did not write: SQS, SSM, CloudWatch, and ECS as far as moto has it. */
import assert from 'node:assert/strict';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { filter, firstValueFrom, map, take, toArray } from 'rxjs';
import { test } from 'uvu';
import { createClients } from '../../reconciler/aws/clients.ts';
import { ParameterStore } from '../../reconciler/aws/parameters.ts';
import { awsWorld } from '../../reconciler/aws-world.ts';
import { PolicyStore } from '../../reconciler/cli/policy-store.ts';
import { StatusWriter } from '../../reconciler/report/status.ts';
import { watchPolicies } from '../../reconciler/watch/policies.ts';
import { EXAMPLE } from '../support/documents.ts';
import { startMoto } from '../support/moto.ts';
import { policyOf } from '../support/policy.ts';
import { withoutTool } from '../support/tools.ts';

const moto = await startMoto();

if (!moto) {
  withoutTool('moto_server', 'the adapters are not tried against moto');
} else {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' });
  const options = { endpoint: moto.url, region: 'us-east-1', disableRequestCompression: true };
  const sqs = new SQSClient({ ...options, useQueueUrlAsEndpoint: false });
  const ssm = new SSMClient(options);
  const ecs = new ECSClient(options);
  const cloudwatch = new CloudWatchClient(options);
  const aws = createClients({ endpoint: moto.url, region: 'us-east-1' });
  const world = awsWorld(aws, { metricsInterval: 60_000, tasksInterval: 0 });
  const policy = policyOf();

  test('observe: counts, service, and the age from CloudWatch', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    for (let i = 0; i < 5; i++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', DelaySeconds: 60 }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 2 }));
    await ecs.send(new CreateClusterCommand({ clusterName: 'demo' }));
    const containerDefinitions = [{ name: 'w', image: 'w', memory: 128 }];
    await ecs.send(new RegisterTaskDefinitionCommand({ family: 'jobs', containerDefinitions }));
    await ecs.send(
      new CreateServiceCommand({ cluster: 'demo', serviceName: 'jobs', taskDefinition: 'jobs', desiredCount: 2 }),
    );
    const Dimensions = [{ Name: 'QueueName', Value: 'jobs' }];
    const MetricData = [
      { MetricName: 'ApproximateAgeOfOldestMessage', Dimensions, Timestamp: new Date(Date.now() - 90_000), Value: 33 },
    ];
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'AWS/SQS', MetricData }));

    const seen = await firstValueFrom(world.observe(policy));
    assert.deepEqual(seen.queue.ok && seen.queue.value, { visible: 3, inFlight: 2, delayed: 1 });
    assert.equal(seen.service.ok && seen.service.value.desired, 2);
    assert.ok(seen.age?.ok && seen.age.value, 'there is an age');
    assert.ok(seen.age.value.seconds >= 33 && seen.age.value.seconds <= 160, `${seen.age.value.seconds} s`);
  });

  test('act: UpdateService changes the count and nothing else', async () => {
    const action = { kind: 'UpdateService', desiredCount: 4, from: 2 } as const;
    assert.equal((await firstValueFrom(world.act(action, policy))).outcome, 'applied');
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'demo', services: ['jobs'] }));
    assert.equal(services?.[0]?.desiredCount, 4);
  });

  test('a queue, a service and a cluster that are not there', async () => {
    const at = (cluster: string, name: string) =>
      policyOf({}, { queue: { name: 'nowhere' }, service: { cluster, name } });
    const seen = await firstValueFrom(world.observe(at('demo', 'nowhere')));
    assert.equal(!seen.queue.ok && seen.queue.failure.code, 'QueueDoesNotExist');
    assert.equal(!seen.service.ok && seen.service.failure.code, 'MISSING');
    const lost = await firstValueFrom(world.observe(at('nowhere', 'jobs')));
    assert.equal(!lost.service.ok && lost.service.failure.code, 'ClusterNotFoundException');
  });

  test('watch: applied, refused while the good version stays, healed, deleted', async () => {
    const Name = '/sluice/policies/taskiq-workers';
    const put = (Value: string) => ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
    await put(EXAMPLE);
    const steps = [
      () => put('broken: true'),
      () => put(`${EXAMPLE}# healed\n`),
      () => ssm.send(new DeleteParameterCommand({ Name })),
    ];
    const events = await firstValueFrom(
      watchPolicies({
        policies: new ParameterStore(aws, '/sluice/policies/'),
        pollInterval: 200,
        lastGood: async () => 0,
      }).pipe(
        filter((event) => event.kind === 'change'),
        // Who owns the service is another matter.
        filter(({ change }) => change.kind !== 'claimed'),
        map(({ change }) => {
          void steps.shift()?.();
          return change.kind === 'applied'
            ? `applied ${change.policy.metadata.generation}`
            : change.kind === 'refused'
              ? `refused ${change.version}, ${change.inForce} in force`
              : change.kind;
        }),
        take(4),
        toArray(),
      ),
    );
    assert.deepEqual(events, ['applied 1', 'refused 2, 1 in force', 'applied 3', 'deleted']);
  });

  test('status: written, and read back', async () => {
    const writer = new StatusWriter({
      statuses: new ParameterStore(aws, '/sluice/status/'),
      interval: 0,
      onProblem: assert.fail,
    });
    assert.equal(await writer.read('jobs'), undefined);
    writer.update({ name: 'jobs', generation: 7 });
    await writer.flush(10_000);
    assert.equal((await writer.read('jobs'))?.observedGeneration, 7);
  });

  test('the policy store: put, get, history, names', async () => {
    const store = new PolicyStore(aws, '/store/');
    for (const text of ['one', 'two']) await store.put('a', text, { base: await store.find('a') });
    assert.equal((await store.get('a')).text, 'two');
    assert.equal((await store.get('a', 1)).text, 'one');
    assert.deepEqual(
      (await store.history('a')).map((e) => e.version),
      [2, 1],
    );
    assert.deepEqual(await store.names(), ['a']);
    await assert.rejects(store.get('nowhere'), /there is no policy nowhere/);
  });

  test('moto is ended', () => {
    for (const client of [sqs, ssm, ecs, cloudwatch]) client.destroy();
    moto.child.kill('SIGTERM');
  });
}

test.run();
