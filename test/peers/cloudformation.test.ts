/** `sluice cloudformation` and `sluice iam-policy` before other makers' eyes: cfn-lint, and a stack made on moto. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { startBridge } from '../support/bridge.ts';
import { startMoto } from '../support/moto.ts';
import type { Params } from '../support/replay.ts';
import { has, missing, run as runTool, withoutTool } from '../support/tools.ts';
import { cleanEnvironment, run, SLUICE } from '../support/up.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-cloudformation-'));
const STACK = 'sluice-test';
const FLAGS = ['--queue', 'jobs', '--dead-letters', 'jobs-dead', '--service', 'prod/workers'];
const FAULTS = ['--fault', 'stopTask,queuePolicy,flags,alarms,securityGroup=subnet-0123456789abcdef0'];
const sluice = (args: string[], env: Record<string, string> = {}) =>
  run(process.execPath, [SLUICE, ...args], { env: { ...cleanEnvironment(), ...env }, cwd: folder });

async function write(name: string, flags: string[]): Promise<string> {
  const { status, stderr } = await sluice(['cloudformation', ...flags, '--output', name]);
  assert.equal(status, 0, stderr);
  return join(folder, name);
}

const hasLint = await has('cfn-lint', ['--version']);
for (const [name, flags] of [
  ['plain.yaml', [...FLAGS, '--no-wake-up']],
  ['full.json', [...FLAGS, ...FAULTS]],
  ['hundred.yaml', Array.from({ length: 100 }, (_, i) => ['--queue', `q-${i}`, '--service', `prod/s-${i}`]).flat()],
] as const)
  test(`${name}: cfn-lint has nothing to say, wherever it is made`, async () => {
    if (!hasLint) return missing('cfn-lint', 'the template is not linted');
    const file = await write(name, [...flags]);
    const { code, stdout } = await runTool('cfn-lint', [
      '--regions',
      'us-east-1',
      'eu-west-1',
      'ap-southeast-2',
      '--',
      file,
    ]);
    assert.equal(code, 0, stdout);
  });

const moto = (await has('python3', ['-c', 'import boto3'])) ? await startMoto() : undefined;
if (!moto) {
  withoutTool('moto_server or boto3', 'the template is not made on moto');
} else {
  const { send, child } = startBridge(moto.url);
  const client = {
    AWS_ENDPOINT_URL: moto.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const made: Record<string, string> = {};

  test('the stack is made: every resource of the template', async () => {
    const TemplateBody = readFileSync(await write('stack.yaml', [...FLAGS, ...FAULTS]), 'utf8');
    await send('ecs', 'CreateCluster', { clusterName: 'prod' });
    const { Vpcs } = (await send('ec2', 'DescribeVpcs', {})) as { Vpcs: { VpcId: string }[] };
    const { Subnets } = (await send('ec2', 'DescribeSubnets', {})) as { Subnets: { SubnetId: string }[] };
    const values = {
      Image: 'registry.example/sluice:1',
      RepositoryArn: 'arn:aws:ecr:us-east-1:123456789012:repository/sluice',
      Cluster: 'prod',
      VpcId: Vpcs[0]!.VpcId,
      SubnetIds: Subnets.slice(0, 2)
        .map((s) => s.SubnetId)
        .join(','),
      AlarmEmail: 'oncall@example.com',
    };
    const Parameters = Object.entries(values).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    }));
    await send('cloudformation', 'CreateStack', {
      StackName: STACK,
      TemplateBody,
      Parameters,
      Capabilities: ['CAPABILITY_IAM'],
    });
    const { Stacks } = (await send('cloudformation', 'DescribeStacks', { StackName: STACK })) as {
      Stacks: { StackStatus: string }[];
    };
    assert.equal(Stacks[0]?.StackStatus, 'CREATE_COMPLETE');
    const { StackResources } = (await send('cloudformation', 'DescribeStackResources', { StackName: STACK })) as {
      StackResources: { LogicalResourceId: string; PhysicalResourceId: string }[];
    };
    for (const { LogicalResourceId, PhysicalResourceId } of StackResources)
      made[LogicalResourceId] = PhysicalResourceId;
    console.log(`${StackResources.length} resources made on moto by CloudFormation`);
    assert.ok(StackResources.length >= 20, `${StackResources.length}`);
  });

  test("the role's policy is the one that iam-policy prints", async () => {
    const { stdout, stderr } = await sluice([
      'iam-policy',
      ...FLAGS,
      ...FAULTS,
      ...['--account', '123456789012', '--region', 'us-east-1', '--root', `/sluice/${STACK}/`],
      ...['--wake-queue', `${STACK}-changes`, '--lease-table', `${STACK}-leases`],
    ]);
    const { PolicyDocument } = await send('iam', 'GetRolePolicy', {
      RoleName: made.TaskRole,
      PolicyName: 'reconciler',
    });
    // moto keeps the document of a template as Python prints it.
    const kept: unknown = JSON.parse(String(PolicyDocument).replaceAll("'", '"'));
    assert.deepEqual(kept, JSON.parse(stdout), stderr);
  });

  test('the reconciler, started from the task definition that was made, decides and keeps its status', async () => {
    const { taskDefinition } = (await send('ecs', 'DescribeTaskDefinition', {
      taskDefinition: made.TaskDefinition,
      // moto does not take the roles of a template; cfn-lint has looked at them.
    })) as {
      taskDefinition: {
        containerDefinitions: { environment: { name: string; value: string }[] }[];
      };
    };
    const { environment } = taskDefinition.containerDefinitions[0]!;
    const settings = Object.fromEntries(environment.map(({ name, value }) => [name, value]));
    assert.equal(settings.SLUICE_PREFIX, `/sluice/${STACK}/policies/`);
    await send('sqs', 'CreateQueue', { QueueName: 'jobs' });
    await send('ecs', 'RegisterTaskDefinition', {
      family: 'workers',
      containerDefinitions: [{ name: 'w', image: 'w', memory: 64 }],
    });
    const service = { cluster: 'prod', serviceName: 'workers', taskDefinition: 'workers', desiredCount: 1 };
    await send('ecs', 'CreateService', service);
    const Value = [
      'apiVersion: sluice/v1',
      'kind: WorkerPolicy',
      'metadata: { name: jobs }',
      'spec:',
      '  queue: { name: jobs }',
      '  service: { cluster: prod, name: workers }',
      '  mode: observe',
      '  scaling: { minWorkers: 1, maxWorkers: 3, strategies: [{ type: threshold }] }',
      '',
    ].join('\n');
    await send('ssm', 'PutParameter', { Name: `${settings.SLUICE_PREFIX}jobs`, Type: 'String', Value });
    const { status, stdout, stderr } = await sluice(
      ['run', '--once', '--metrics-interval', '0s', '--tasks-interval', '0s'],
      { ...client, ...settings },
    );
    assert.equal(status, 0, stdout + stderr);
    const { Parameter } = (await send('ssm', 'GetParameter', { Name: `${settings.SLUICE_STATUS_PREFIX}jobs` })) as {
      Parameter: Params;
    };
    assert.equal(JSON.parse(String(Parameter.Value)).observedGeneration, 1);
  });

  test('moto is ended', () => {
    child.stdin?.end();
    moto.child.kill('SIGTERM');
  });
}

test('the files are removed', () => rmSync(folder, { recursive: true, force: true }));

test.run();
