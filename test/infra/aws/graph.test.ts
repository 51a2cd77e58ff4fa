/** Compares the resources that the Pulumi program asks for with golden files, for every stack that is in the tree. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { suite } from 'uvu';
import { stringify } from 'yaml';
import { LEASE_KEY } from '../../../reconciler/lead/lease-table.ts';
import { completed, envNameOf, SETTINGS } from '../../../reconciler/settings.ts';
import { ACCOUNT, type Asked, runStack, type StackRun } from '../../support/stack.ts';

const TOKEN = 'not-for-anyone-to-read';
const STACKS = ['dev', 'prod', 'localstack', 'local'] as const;
const golden = new URL('./golden/', import.meta.url);

const test = suite('the program');
const runs = new Map<string, StackRun>();
/** A stack that leaves the image to its user gets one here. */
const image = { dev: { image: 'registry.example/sluice:1' } } as Record<string, Record<string, unknown>>;
for (const stack of STACKS)
  runs.set(stack, await runStack(stack, { more: image[stack] ?? {}, secrets: { token: TOKEN } }));
const run = (stack: (typeof STACKS)[number]): StackRun => runs.get(stack)!;

interface Container {
  name: string;
  command: string[];
  user: string;
  readonlyRootFilesystem: boolean;
  stopTimeout: number;
  environment: { name: string; value: string }[];
  secrets?: { name: string; valueFrom: string }[];
  healthCheck?: { command: string[]; interval: number; timeout: number; retries: number };
  logConfiguration: { logDriver: string; options: Record<string, string> };
}
const containersOf = (asked: Asked): Container[] => JSON.parse(String(asked.inputs.containerDefinitions));

/** Documents inside text are written out, so that a difference shows where it is. */
function readable(value: unknown): unknown {
  if (typeof value === 'string' && /^[[{]/.test(value)) {
    try {
      return readable(JSON.parse(value));
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, readable(v)]));
  return value;
}

for (const stack of STACKS)
  test(`${stack}: the inputs of every resource are those of the golden file`, () => {
    const shown = [...run(stack).resources]
      .sort((a, b) => (a.urn < b.urn ? -1 : 1))
      .map(({ urn, parent, dependencies, ignoreChanges, retainOnDelete, secrets, inputs }) => ({
        resource: urn,
        ...(parent ? { parent } : {}),
        ...(dependencies.length > 0 ? { after: [...dependencies].sort() } : {}),
        ...(ignoreChanges.length > 0 ? { ignoreChanges } : {}),
        ...(retainOnDelete ? { retainOnDelete } : {}),
        ...(secrets.length > 0 ? { secrets } : {}),
        inputs: readable(
          Object.fromEntries(Object.entries(inputs).map(([k, v]) => [k, secrets.includes(k) ? '(secret)' : v])),
        ),
      }));
    const text = stringify(shown, { lineWidth: 0 });
    const file = new URL(`${stack}.yaml`, golden);
    if (process.env.UPDATE_GOLDEN || !existsSync(file)) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'), 'see what has changed; if it is meant: UPDATE_GOLDEN=1');
  });

for (const stack of STACKS)
  test(`${stack}: no secret in plain text`, () => {
    const { resources, one } = run(stack);
    for (const { urn, inputs, secrets } of resources)
      for (const [key, value] of Object.entries(inputs))
        assert.ok(secrets.includes(key) || !JSON.stringify(value).includes(TOKEN), `${urn}.${key} shows the token`);
    const parameter = one('aws:ssm/parameter:Parameter', 'token');
    assert.equal(parameter.inputs.type, 'SecureString');
    assert.deepEqual(parameter.secrets, ['value']);
    const [container] = containersOf(one('aws:ecs/taskDefinition:TaskDefinition', `sluice-${stack}`));
    assert.deepEqual(
      container?.secrets?.map((s) => s.name),
      ['SLUICE_TOKEN'],
    );
    assert.ok(!container?.environment.some((e) => e.name === 'SLUICE_TOKEN'), 'the token is no plain variable');
  });

for (const stack of STACKS)
  test(`${stack}: the container's settings are settings that sluice run has, with values that it takes`, () => {
    const [container] = containersOf(run(stack).one('aws:ecs/taskDefinition:TaskDefinition', `sluice-${stack}`));
    const known = Object.values(SETTINGS).map((s) => envNameOf(s.flag));
    for (const { name } of [...(container?.environment ?? []), ...(container?.secrets ?? [])])
      assert.ok(known.includes(name) || name === 'AWS_ENDPOINT_URL', `${name} is no setting`);
    const env = Object.fromEntries((container?.environment ?? []).map((e) => [e.name, e.value]));
    for (const { flag, parse } of Object.values(SETTINGS)) {
      const value = env[envNameOf(flag)];
      if (value) assert.doesNotThrow(() => parse(value), `${envNameOf(flag)}=${value}`);
    }
    const shutdownTimeout = env.SLUICE_SHUTDOWN_TIMEOUT
      ? SETTINGS.shutdownTimeout.parse(env.SLUICE_SHUTDOWN_TIMEOUT)
      : completed({}, false).shutdownTimeout;
    assert.ok(shutdownTimeout < container!.stopTimeout * 1_000, 'it ends by itself before ECS kills it');
  });

test('two reconcilers, which ECS replaces without a gap and keeps in several zones', () => {
  for (const stack of STACKS) {
    const { inputs } = run(stack).one('aws:ecs/service:Service', `sluice-${stack}`);
    assert.equal(inputs.desiredCount, 2);
    assert.deepEqual([inputs.deploymentMinimumHealthyPercent, inputs.deploymentMaximumPercent], [100, 200]);
    assert.equal(inputs.availabilityZoneRebalancing, 'ENABLED');
    assert.deepEqual(inputs.deploymentCircuitBreaker, { enable: true, rollback: true });
  }
});

test('one of them leads by a table of the stack, which is protected and outlives it', () => {
  for (const stack of STACKS) {
    const { one } = run(stack);
    const { inputs, retainOnDelete } = one('aws:dynamodb/table:Table');
    assert.deepEqual(inputs, {
      name: `sluice-${stack}-leases`,
      billingMode: 'PAY_PER_REQUEST',
      hashKey: LEASE_KEY,
      attributes: [{ name: LEASE_KEY, type: 'S' }],
      deletionProtectionEnabled: true,
    });
    assert.ok(retainOnDelete, 'a protected table would stop the end of its stack');
    const [container] = containersOf(one('aws:ecs/taskDefinition:TaskDefinition', `sluice-${stack}`));
    const variable = container?.environment.find(({ name }) => name === 'SLUICE_LEASE_TABLE');
    assert.equal(variable?.value, inputs.name);
  }
});

test('one reconciler on request: it keeps the lease, and the alarm on starts counts one task', async () => {
  const thresholdOf = (stack: StackRun): unknown =>
    stack.one('aws:cloudwatch/metricAlarm:MetricAlarm', /restarting$/).inputs.threshold;
  const alone = await runStack('prod', { more: { reconcilers: 1 } });
  assert.equal(alone.one('aws:ecs/service:Service').inputs.desiredCount, 1);
  assert.equal(alone.all('aws:dynamodb/table:Table').length, 1, 'a deployment has two tasks for a while');
  assert.deepEqual([thresholdOf(alone), thresholdOf(run('prod'))], [3, 6]);
});

test('the reconciler runs without root, on a read-only disk, with a health check that needs no shell', () => {
  const [container] = containersOf(run('dev').one('aws:ecs/taskDefinition:TaskDefinition', 'sluice-dev'));
  assert.equal(container?.readonlyRootFilesystem, true);
  assert.match(container?.user ?? '', /^[1-9]\d*:[1-9]\d*$/);
  assert.deepEqual(container?.healthCheck?.command, ['CMD', 'node', '/app/healthcheck.js']);
  assert.equal(container?.logConfiguration.options['awslogs-group'], '/sluice/sluice-dev');
});

test('nobody can connect to a task, and a task reaches HTTPS and private DNS servers only', () => {
  for (const stack of STACKS) {
    const { inputs } = run(stack).one('aws:ec2/securityGroup:SecurityGroup');
    assert.deepEqual(inputs.ingress, []);
    const egress = inputs.egress as { fromPort: number; toPort: number; protocol: string; cidrBlocks: string[] }[];
    assert.deepEqual(
      egress.map((e) => [e.protocol, e.fromPort, e.toPort]),
      [
        ['tcp', 443, 443],
        ['udp', 53, 53],
        ['tcp', 53, 53],
      ],
    );
    for (const { cidrBlocks } of egress.slice(1)) assert.ok(!cidrBlocks.includes('0.0.0.0/0'), 'DNS stays inside');
  }
});

test('a service starts once its roles have their policies, and its subnets their way out', () => {
  const { one } = run('dev');
  for (const [service, roles] of [
    ['sluice-dev', ['reconciler', 'execution']],
    ['sluice-dev-demo', ['worker', 'worker-execution']],
  ] as const) {
    const after = one('aws:ecs/service:Service', service).dependencies;
    for (const n of [0, 1])
      assert.ok(after.includes(`aws:ec2/routeTableAssociation:RouteTableAssociation::sluice-dev-${n}`), `${n}`);
    for (const role of roles)
      assert.ok(
        one('aws:ecs/service:Service', service).dependencies.includes(
          `aws:iam/rolePolicy:RolePolicy::sluice-dev-${role}`,
        ),
        `${service} waits for the policy of ${role}`,
      );
  }
});

test('a network of its own is in two zones that have Fargate, and in no local zone', () => {
  const zones = run('dev')
    .all('aws:ec2/subnet:Subnet')
    .map((s) => s.inputs.availabilityZone);
  assert.deepEqual(zones, ['eu-west-1b', 'eu-west-1c']);
});

test('what people and Sluice change at run time, an update leaves alone', () => {
  const { one } = run('dev');
  const policy = one('aws:ssm/parameter:Parameter', 'policy-demo');
  assert.deepEqual(policy.ignoreChanges, ['value', 'type', 'tier', 'description']);
  assert.ok(policy.retainOnDelete, 'destroying the stack keeps what people wrote');
  assert.deepEqual(one('aws:ecs/service:Service', 'sluice-dev-demo').ignoreChanges, ['desiredCount']);
});

test('roles are for ECS tasks of this account only', () => {
  const roles = run('dev').all('aws:iam/role:Role');
  assert.equal(roles.length, 4);
  for (const { inputs } of roles) {
    const [statement] = JSON.parse(String(inputs.assumeRolePolicy)).Statement;
    assert.deepEqual(statement.Principal, { Service: 'ecs-tasks.amazonaws.com' });
    assert.deepEqual(statement.Condition, { StringEquals: { 'aws:SourceAccount': ACCOUNT } });
  }
});

test('what is there already is used: network, cluster', () => {
  const { all, one } = run('prod');
  for (const type of ['aws:ec2/vpc:Vpc', 'aws:ec2/subnet:Subnet', 'aws:ecs/cluster:Cluster'])
    assert.equal(all(type).length, 0, type);
  const { inputs } = one('aws:ecs/service:Service');
  assert.equal(inputs.cluster, `arn:aws:ecs:eu-west-1:${ACCOUNT}:cluster/workers`);
  const network = inputs.networkConfiguration as { subnets: string[]; assignPublicIp: boolean };
  assert.deepEqual([network.subnets.length, network.assignPublicIp], [2, false]);
});

test('FIFO: both queues end in .fifo and take messages without an id of their own', async () => {
  const { all, one } = await runStack('dev', { more: { ...image.dev, demo: { fifo: true } } });
  const queues = all('aws:sqs/queue:Queue').filter((q) => q.name !== 'sluice-dev-changes');
  assert.deepEqual(queues.map((q) => q.inputs.name).sort(), ['sluice-dev-jobs-dead.fifo', 'sluice-dev-jobs.fifo']);
  for (const { inputs } of queues) assert.deepEqual([inputs.fifoQueue, inputs.contentBasedDeduplication], [true, true]);
  assert.match(String(one('aws:ssm/parameter:Parameter', 'policy-demo').inputs.value), /sluice-dev-jobs\.fifo/);
});

test('options that are off leave nothing behind', async () => {
  const { all, resources } = await runStack('prod', { more: { wakeUp: false } });
  assert.equal(all('aws:sqs/queue:Queue').length + all('aws:cloudwatch/eventRule:EventRule').length, 0);
  assert.ok(!resources.some((r) => r.type === 'sluice:index:Demo'), 'there is no demo');
  assert.ok(!resources.some((r) => r.name === 'token'), 'there is no token');
  assert.equal(all('aws:cloudwatch/dashboard:Dashboard').length, 0);
});

test('two stacks share no name, path or metric', async () => {
  const other = await runStack('dev', { more: { ...image.dev }, as: 'staging' });
  const names = (stack: StackRun): string[] =>
    stack.resources
      .filter((r) => r.custom)
      .flatMap(({ type, inputs }) =>
        ['name', 'family', 'dashboardName'].flatMap((key) =>
          inputs[key] === undefined ? [] : [`${type} ${String(inputs[key])}`],
        ),
      );
  const mine = names(run('dev'));
  assert.ok(mine.length > 20, `${mine.length} names`);
  assert.deepEqual(
    names(other).filter((name) => mine.includes(name)),
    [],
  );
  const settings = (stack: StackRun): string[] =>
    containersOf(stack.all('aws:ecs/taskDefinition:TaskDefinition')[0]!)[0]!
      .environment.filter(({ name }) => /PREFIX|EMF|QUEUE|LEASE/.test(name))
      .map(({ value }) => value);
  assert.equal(new Set([...settings(run('dev')), ...settings(other)]).size, 12);
});

test('a role whose grants pass an inline policy gets managed ones, before its service starts', async () => {
  const policies = Array.from({ length: 100 }, (_, i) => ({
    name: `team-${i}`,
    queue: `team-${i}-tasks`,
    deadLetters: `team-${i}-tasks-dead`,
    cluster: 'workers',
    service: `team-${i}-workers`,
  }));
  const { all, one } = await runStack('prod', { more: { policies } });
  const made = all('aws:iam/policy:Policy');
  assert.ok(made.length > 1 && made.length <= 10, `${made.length} managed policies`);
  for (const { inputs } of made) {
    assert.ok(String(inputs.policy).length <= 6_144);
    assert.doesNotMatch(String(inputs.policy), /\$\{|to-be-made/);
  }
  const attached = all('aws:iam/rolePolicyAttachment:RolePolicyAttachment');
  assert.equal(attached.length, made.length);
  const { dependencies } = one('aws:ecs/service:Service');
  for (const { urn } of attached) assert.ok(dependencies.includes(urn), urn);
});

test('grants that no role can hold end the program before anything is made', async () => {
  const long = 'x'.repeat(250);
  const services = Array.from({ length: 100 }, (_, i) => ({ cluster: `${long}-${i}`, service: `${long}-${i}` }));
  await assert.rejects(
    runStack('prod', { more: { services } }),
    /the role needs \d+ managed policies, and IAM attaches 10/,
  );
});

test('an account that has its rules: role path, boundary, key', async () => {
  const kmsKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1234';
  const permissionsBoundary = 'arn:aws:iam::111122223333:policy/boundary';
  const { all, one } = await runStack('prod', {
    more: { rolePath: '/platform/', permissionsBoundary, kmsKeyArn },
    secrets: { token: TOKEN },
  });
  for (const { inputs } of all('aws:iam/role:Role'))
    assert.deepEqual([inputs.path, inputs.permissionsBoundary], ['/platform/', permissionsBoundary]);
  assert.equal(one('aws:cloudwatch/logGroup:LogGroup').inputs.kmsKeyId, kmsKeyArn);
  assert.equal(one('aws:sns/topic:Topic').inputs.kmsMasterKeyId, kmsKeyArn);
  assert.equal(one('aws:ssm/parameter:Parameter', 'token').inputs.keyId, kmsKeyArn);
  const execution = one('aws:iam/rolePolicy:RolePolicy', /execution/);
  assert.match(String(execution.inputs.policy), /"kms:Decrypt"\],"Resource":\["arn:aws:kms/);
});

test("ECS's own role is made on request only, before the cluster, and stays", async () => {
  assert.equal(run('dev').all('aws:iam/serviceLinkedRole:ServiceLinkedRole').length, 0);
  const { one } = await runStack('dev', { more: { ...image.dev, serviceLinkedRole: true } });
  const role = one('aws:iam/serviceLinkedRole:ServiceLinkedRole');
  assert.ok(role.retainOnDelete, 'other services of the account need it too');
  assert.deepEqual(one('aws:ecs/cluster:Cluster').dependencies, [role.urn]);
});

test('an update after which ECS went back, or runs nothing, fails and says so', async () => {
  const old = 'arn:aws:ecs:eu-west-1:000000000000:task-definition/sluice-prod:7';
  await assert.rejects(
    runStack('prod', { running: { taskDefinition: old } }),
    /sluice-prod runs sluice-prod:7, and .* was deployed\. ECS went back/,
  );
  await assert.rejects(runStack('prod', { running: { runningCount: 0 } }), /sluice-prod runs no task of/);
});

test('a stack that names no image is refused with the command that sets it', async () => {
  await assert.rejects(runStack('dev'), /sluice:image: name the image that you pushed: pulumi config set sluice:image/);
});

test('a configuration that is not valid ends the program with what is wrong, before anything is made', async () => {
  await assert.rejects(runStack('prod', { more: { architecture: 'arm' } }), /sluice:architecture: Invalid option/);
});

test.run();
