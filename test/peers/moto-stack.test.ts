/** The dev stack, made on moto through boto3: every input passes AWS's own models, and what is there afterwards fits. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { startBridge } from '../support/bridge.ts';
import { startMoto } from '../support/moto.ts';
import { type Params, replay } from '../support/replay.ts';
import { runStack, type StackRun } from '../support/stack.ts';
import { has, withoutTool } from '../support/tools.ts';
import { cleanEnvironment, run, SLUICE } from '../support/up.ts';

const here = await has('python3', ['-c', 'import boto3']);
const moto = here ? await startMoto() : undefined;

if (!moto) {
  withoutTool('moto_server or boto3', 'the stack is not made on moto');
} else {
  const { send, child } = startBridge(moto.url);
  let stack: StackRun;

  test('every resource of the stack is made', async () => {
    stack = await runStack('dev', {
      more: { image: 'registry.example/sluice:1', alarmEmails: ['oncall@example.com'], serviceLinkedRole: true },
      secrets: { token: 'secret' },
      make: (asked) => replay(send, asked),
    });
    const made = stack.resources.filter((r) => r.custom).length;
    console.log(`${made} resources made on moto`);
    assert.ok(made > 40, `${made}`);
  });

  test('services, with what their task definitions say', async () => {
    const cluster = stack.outputs.cluster;
    const { services } = (await send('ecs', 'DescribeServices', {
      cluster,
      services: ['sluice-dev', 'sluice-dev-demo'],
    })) as {
      services: {
        serviceName: string;
        desiredCount: number;
        taskDefinition: string;
      }[];
    };
    const own = services.find((s) => s.serviceName === 'sluice-dev');
    // moto does not give deploymentConfiguration back; test/e2e/stack.test.ts looks at it.
    assert.equal(own?.desiredCount, 2);
    const { taskDefinition } = (await send('ecs', 'DescribeTaskDefinition', {
      taskDefinition: own?.taskDefinition,
    })) as {
      taskDefinition: {
        containerDefinitions: { readonlyRootFilesystem: boolean; healthCheck: Params }[];
        taskRoleArn: string;
      };
    };
    assert.equal(taskDefinition.containerDefinitions[0]?.readonlyRootFilesystem, true);
    assert.match(taskDefinition.taskRoleArn, /role\/sluice-dev-reconciler$/);
  });

  test('roles, with just the policy that the program gives out', async () => {
    const { PolicyDocument } = await send('iam', 'GetRolePolicy', {
      RoleName: 'sluice-dev-reconciler',
      PolicyName: 'sluice-dev-reconciler',
    });
    assert.deepEqual(PolicyDocument, JSON.parse(String((stack.outputs.policyDocuments as string[])[0])));
    const { AttachedPolicies } = await send('iam', 'ListAttachedRolePolicies', { RoleName: 'sluice-dev-reconciler' });
    assert.deepEqual(AttachedPolicies, []);
  });

  test('alarms that call the topic, filters that feed them, a dashboard that parses', async () => {
    const { MetricAlarms } = (await send('cloudwatch', 'DescribeAlarms', {})) as {
      MetricAlarms: { AlarmName: string; Namespace: string; MetricName: string; AlarmActions: string[] }[];
    };
    assert.equal(MetricAlarms.length, stack.all('aws:cloudwatch/metricAlarm:MetricAlarm').length);
    for (const alarm of MetricAlarms) assert.deepEqual(alarm.AlarmActions, [stack.outputs.alarmTopic]);
    const { metricFilters } = (await send('logs', 'DescribeMetricFilters', { logGroupName: '/sluice/sluice-dev' })) as {
      metricFilters: { metricTransformations: { metricName: string }[] }[];
    };
    const fed = metricFilters.map((f) => f.metricTransformations[0]?.metricName).sort();
    const watched = MetricAlarms.filter((a) => a.Namespace === 'Sluice/dev').map((a) => a.MetricName);
    for (const metric of fed) assert.ok(watched.includes(metric ?? ''), metric);
    const { DashboardBody } = await send('cloudwatch', 'GetDashboard', { DashboardName: 'sluice-dev' });
    assert.ok(JSON.parse(String(DashboardBody)).widgets.length >= 6, 'the dashboard has its widgets');
  });

  test('the event rule lets policies and requests through, and never our own status', async () => {
    const { QueueUrl } = await send('sqs', 'GetQueueUrl', { QueueName: 'sluice-dev-changes' });
    const events = [
      '/sluice/dev/policies/demo',
      '/sluice/dev/status/demo',
      '/sluice/dev/requests/demo',
      '/sluice/policies/demo',
    ].map((name) => ({
      Source: 'aws.ssm',
      DetailType: 'Parameter Store Change',
      Detail: JSON.stringify({ name, operation: 'Update', type: 'String' }),
    }));
    await send('events', 'PutEvents', { Entries: events });
    const heard: string[] = [];
    for (;;) {
      const { Messages = [] } = (await send('sqs', 'ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 0,
      })) as { Messages?: { Body: string }[] };
      if (Messages.length === 0) break;
      heard.push(...Messages.map((m) => JSON.parse(m.Body).detail.name));
    }
    assert.deepEqual(heard.sort(), ['/sluice/dev/policies/demo', '/sluice/dev/requests/demo']);
  });

  test('the reconciler, with the settings of its task definition, runs on what was made', async () => {
    const definition = stack.one('aws:ecs/taskDefinition:TaskDefinition', 'sluice-dev');
    const [container] = JSON.parse(String(definition.inputs.containerDefinitions));
    const settings = Object.fromEntries(
      container.environment.map((e: { name: string; value: string }) => [e.name, e.value]),
    );
    const env = {
      ...cleanEnvironment(),
      ...settings,
      AWS_ENDPOINT_URL: moto.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    const { status, stdout, stderr } = await run(
      process.execPath,
      [SLUICE, 'run', '--once', '--metrics-interval', '0s', '--tasks-interval', '0s'],
      { env },
    );
    assert.equal(status, 0, stdout + stderr);
    const decision = stdout
      .split('\n')
      .filter((l) => l.includes('"msg":"decision"'))
      .map((l) => JSON.parse(l))[0];
    assert.deepEqual([decision.policy, decision.outcome !== 'unobserved'], ['demo', true]);
    const { Parameter } = (await send('ssm', 'GetParameter', { Name: '/sluice/dev/status/demo' })) as {
      Parameter: { Value: string };
    };
    assert.equal(JSON.parse(Parameter.Value).observedGeneration, 1);
  });

  test('moto is ended', () => {
    child.stdin?.end();
    moto.child.kill('SIGTERM');
  });
}

test.run();
