/**
 * The policy is enforced, and each permission is taken away in turn: just the features that need it fail, each with a
 * message that names it, and everything else goes on.
 */
import assert from 'node:assert/strict';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { filter, firstValueFrom, race, Subject, take, toArray } from 'rxjs';
import { suite } from 'uvu';
import type { Permission } from '../../../infra/aws/blueprint/permission.ts';
import { reconcilerPermissions, reconcilerRefusals } from '../../../infra/aws/blueprint/permissions/reconciler.ts';
import type { Action } from '../../../policies/model/action.ts';
import type { Reading } from '../../../policies/model/observation.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { classify } from '../../../reconciler/aws/errors.ts';
import { ParameterStore } from '../../../reconciler/aws/parameters.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { heartbeatStore } from '../../../reconciler/lead/heartbeat-store.ts';
import { leaseTable } from '../../../reconciler/lead/lease-table.ts';
import { StatusWriter } from '../../../reconciler/report/status.ts';
import { findOrphans } from '../../../reconciler/watch/orphans.ts';
import { watchPolicies } from '../../../reconciler/watch/policies.ts';
import { watchRequests } from '../../../reconciler/watch/requests.ts';
import { WAKE_REQUEST_TIMEOUT_MS, wakeUps } from '../../../reconciler/watch/wake.ts';
import { policyOf } from '../../support/policy.ts';
import { ESTATE_SCOPE, HOME, startEstate } from '../../support/role.ts';

const estate = await startEstate();
const permissions = reconcilerPermissions(ESTATE_SCOPE);
const refusals = reconcilerRefusals(ESTATE_SCOPE);
const policy = policyOf({}, { queue: { name: 'jobs' }, service: { cluster: 'demo', name: 'workers' } });
const protecting = {
  ...policy,
  spec: { ...policy.spec, scaling: policyOf({ strategies: [{ type: 'targetWait' }] }).spec.scaling },
};
await estate.put('/sluice/policies/jobs', JSON.stringify({ kind: 'WorkerPolicy' }));
await estate.put('/sluice/policies/jobs', 'broken: true');
await estate.put('/sluice/status/jobs', '{}');
await estate.put('/sluice/flags/jobs', 'running');
await estate.put('/sluice/requests/jobs', '{"requests":[]}');

const aws = createClients({
  endpoint: estate.cloud.url,
  region: HOME.region,
  requestTimeout: WAKE_REQUEST_TIMEOUT_MS,
  buckets: new Map(),
});
const run = { run: 'r1', purpose: 'inject' } as const;
const network = { subnets: ['subnet-1'], securityGroups: ['sg-2'] };
const statement = JSON.stringify({
  Sid: 'SluiceChaosr1',
  Effect: 'Deny',
  Principal: '*',
  Action: ['sqs:ReceiveMessage'],
  Resource: `arn:aws:sqs:${HOME.region}:${HOME.accountId}:jobs`,
  Condition: { DateLessThan: { 'aws:CurrentTime': '2001-01-01T00:00:00Z' } },
});

/** The refusal of AWS, or undefined. */
type Feature = () => Promise<string | undefined>;

const told = <T>(reading: Reading<T> | undefined): string | undefined =>
  reading === undefined
    ? 'not read at all'
    : reading.ok
      ? undefined
      : `${reading.failure.message} ${reading.failure.hint}`;
const refused = async (work: Promise<unknown>, action: string): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => classify(error, action).message,
  );
/** A world that remembers nothing of the one before. */
const world = () => awsWorld(aws, { metricsInterval: 60_000, metricsPeriod: 1_000, tasksInterval: 1_000 });
const look = (requiredReadings = {}) => firstValueFrom(world().observe(policy, requiredReadings));
const act = async (action: Action): Promise<string | undefined> => {
  const result = await firstValueFrom(world().act(action, policy));
  return result.outcome === 'failed' ? `${result.message} ${result.hint}` : undefined;
};
/** One look of the watch: what it said last against the listing, and against an older version. */
async function watched(): Promise<{ listing?: string; older?: string }> {
  const found: { listing?: string; older?: string } = {};
  const stop$ = new Subject<void>();
  const events = await firstValueFrom(
    watchPolicies({
      policies: new ParameterStore(aws, ESTATE_SCOPE.prefix),
      pollInterval: 60_000,
      stop$,
      lastGood: async () => 1,
      onProblem: (_, failure) => {
        found.older = failure.message;
      },
    }).pipe(
      filter((e) => e.kind !== 'change'),
      take(1),
      toArray(),
    ),
  );
  stop$.next();
  const [event] = events;
  if (event?.kind === 'failed') found.listing = event.failure.message;
  return found;
}
function statusWriter(): { writer: StatusWriter; problem: () => string | undefined } {
  let problem: string | undefined;
  const writer = new StatusWriter({
    statuses: new ParameterStore(aws, ESTATE_SCOPE.statusPrefix),
    interval: 60_000,
    onProblem: (_, message) => {
      problem ??= message;
    },
  });
  return { writer, problem: () => problem };
}

/** Tasks are asked once a message is in flight and the tasks were listed. */
async function protection(): Promise<string | undefined> {
  await estate.sqs.send(new SendMessageCommand({ QueueUrl: estate.queueUrl, MessageBody: 'held' }));
  await estate.sqs.send(new ReceiveMessageCommand({ QueueUrl: estate.queueUrl, VisibilityTimeout: 5 }));
  const same = world();
  await firstValueFrom(same.observe(protecting));
  const seen = await firstValueFrom(same.observe(protecting));
  return told(seen.queue) ?? told(seen.tasks) ?? told(seen.protection);
}

const heartbeat = heartbeatStore(aws, ESTATE_SCOPE.heartbeat);
const BEAT = { id: 'test/1', session: '1', version: '0', since: 0, every: 1_000, host: 'h', pid: 1 };
const lease = leaseTable(
  { endpoint: estate.cloud.url, region: HOME.region },
  ESTATE_SCOPE.leaseTable,
  ESTATE_SCOPE.prefix,
);
const LEASE = { id: 'test/1', session: '1', version: '0', nonce: 'n', since: 0, lasts: 15_000 };
let generation = 1;
const features: Record<string, Feature> = {
  policies: async () => (await watched()).listing,
  'last good policy': async () => {
    const { listing, older } = await watched();
    return listing === undefined ? older : undefined;
  },
  'versions on the page': () =>
    refused(new ParameterStore(aws, ESTATE_SCOPE.prefix).history('jobs'), 'ssm:GetParameterHistory'),
  requests: async () => {
    let problem: string | undefined;
    const stop$ = new Subject<void>();
    const done = new Promise<void>((resolve) => {
      const end = () => setImmediate(resolve);
      watchRequests({
        requests: new ParameterStore(aws, ESTATE_SCOPE.requestsPrefix),
        pollInterval: 60_000,
        stop$,
        onProblem: (_, message) => {
          problem = message;
          end();
        },
      }).subscribe({ next: end });
    });
    await done;
    stop$.next();
    return problem;
  },
  orphans: () =>
    refused(findOrphans(new ParameterStore(aws, ESTATE_SCOPE.statusPrefix), new Set()), 'ssm:GetParametersByPath'),
  'resume from status': () => refused(statusWriter().writer.read('jobs'), 'ssm:GetParameter'),
  status: async () => {
    const { writer, problem } = statusWriter();
    // Nothing is written over what was not read.
    const unread = await refused(writer.read('jobs'), 'ssm:GetParameter');
    if (unread !== undefined) return unread;
    generation++;
    writer.update({ name: 'jobs', generation });
    await writer.flush(10_000);
    return problem();
  },
  'heartbeat read': () => refused(heartbeat.read(), 'ssm:GetParameter'),
  'heartbeat written': () => refused(heartbeat.write(BEAT), 'ssm:PutParameter'),
  'lease read': () => refused(lease.read(), 'dynamodb:GetItem'),
  'lease taken': () => refused(lease.write(LEASE, undefined), 'dynamodb:PutItem'),
  'lease given back': () => refused(lease.remove(LEASE.nonce), 'dynamodb:DeleteItem'),
  'queue depth': async () => told((await look()).queue),
  'service counts': async () => told((await look()).service),
  'task counts': async () => told((await look()).tasks),
  'task protection': protection,
  'age and rates': async () => told((await look()).age),
  'tasks of an experiment': async () => told((await look({ tasks: true })).chaos?.tasks),
  'access policy': async () => told((await look({ access: true })).chaos?.access),
  network: async () => told((await look({ network: true })).chaos?.network),
  role: async () => told((await look({ role: true })).chaos?.role),
  'dead letters': async () => told((await look({ deadLetters: true })).chaos?.deadLetters),
  flag: async () => told((await look({ flag: '/sluice/flags/jobs' })).chaos?.flag),
  alarms: async () => told((await look({ alarms: ['jobs-too-old'] })).chaos?.alarms),
  scaling: () => act({ kind: 'UpdateService', desiredCount: 2, from: 2 }),
  'fault stopTask': () =>
    act({ kind: 'StopTask', taskArn: estate.taskArns().at(-1) ?? 'none', reason: 'test', ...run }),
  'fault queuePolicy': () => act({ kind: 'DenyQueue', sid: 'SluiceChaosr1', statement, ...run }),
  'fault queuePolicy, reverted': () => act({ kind: 'AllowQueue', sid: 'SluiceChaosr1', force: true, ...run }),
  'fault securityGroup': () => act({ kind: 'SwapSecurityGroups', network, from: ['sg-1'], ...run }),
  'fault processingFlag': () => act({ kind: 'SetFlag', parameter: '/sluice/flags/jobs', value: 'running', ...run }),
  'wake-up': async () => {
    await estate.sqs.send(new SendMessageCommand({ QueueUrl: estate.changesUrl, MessageBody: '{}' }));
    const failed$ = new Subject<string>();
    const woken$ = wakeUps({ aws, queueUrl: estate.changesUrl, onProblem: ({ message }) => failed$.next(message) });
    const first = await firstValueFrom(race(failed$, woken$));
    return first ?? undefined;
  },
};

/** The feature that needs each permission, by statement and action. */
const QUEUE_BY_NAME = [
  'task protection',
  'queue depth',
  'access policy',
  'dead letters',
  'fault queuePolicy',
  'fault queuePolicy, reverted',
];
const NEEDED_BY: Record<string, string[]> = {
  'ListPolicies ssm:GetParametersByPath': ['policies'],
  'ListRequests ssm:GetParametersByPath': ['requests'],
  'ListStatuses ssm:GetParametersByPath': ['orphans'],
  'ReadPolicies ssm:GetParameter': ['last good policy'],
  'ReadPolicies ssm:GetParameterHistory': ['versions on the page'],
  'KeepStatus ssm:GetParameter': ['resume from status', 'status'],
  'KeepStatus ssm:PutParameter': ['status'],
  'KeepHeartbeat ssm:GetParameter': ['heartbeat read'],
  'KeepHeartbeat ssm:PutParameter': ['heartbeat written'],
  'ReadQueues sqs:GetQueueUrl': QUEUE_BY_NAME,
  'ReadQueues sqs:GetQueueAttributes': QUEUE_BY_NAME,
  'ReadServices ecs:DescribeServices': ['service counts', 'network', 'role', 'fault securityGroup'],
  'ListTasks ecs:ListTasks': ['task counts', 'task protection', 'tasks of an experiment'],
  'ReadTasks ecs:DescribeTasks': ['task counts', 'task protection', 'tasks of an experiment'],
  'ReadProtection ecs:GetTaskProtection': ['task protection'],
  'ReadMetrics cloudwatch:GetMetricData': ['age and rates'],
  'SetDesiredCount ecs:UpdateService': ['scaling', 'fault securityGroup'],
  'ReadDeadLetters sqs:GetQueueUrl': ['dead letters'],
  'ReadDeadLetters sqs:GetQueueAttributes': ['dead letters'],
  'ReadAlarms cloudwatch:DescribeAlarms': ['alarms'],
  'StopTasks ecs:StopTask': ['fault stopTask'],
  'EditQueuePolicy sqs:SetQueueAttributes': ['fault queuePolicy', 'fault queuePolicy, reverted'],
  'FindWorkersRole ecs:DescribeTaskDefinition': ['role'],
  'SetFlags ssm:GetParameter': ['flag', 'fault processingFlag'],
  'SetFlags ssm:PutParameter': ['fault processingFlag'],
  'HearChanges sqs:ReceiveMessage': ['wake-up'],
  'HearChanges sqs:DeleteMessage': ['wake-up'],
  'HoldLease dynamodb:GetItem': ['lease read'],
  'HoldLease dynamodb:PutItem': ['lease taken'],
  'HoldLease dynamodb:DeleteItem': ['lease given back'],
};

const test = suite('a permission taken away');
const keyOf = ({ sid, action }: Permission): string => `${sid} ${action}`;

async function failures(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [name, feature] of Object.entries(features)) {
    const problem = await feature();
    if (problem !== undefined) found.set(name, problem);
  }
  return found;
}

test('the table covers every permission', () => {
  assert.deepEqual(permissions.map(keyOf).sort(), Object.keys(NEEDED_BY).sort());
});

test('with all of them everything works, and no grant goes unused', async () => {
  estate.grant(permissions, refusals);
  estate.calls.length = 0;
  assert.deepEqual([...(await failures())], []);
  const used = new Set(estate.calls.map((c) => `${c.service}:${c.action.replace(/Batch$/, '')}`));
  assert.deepEqual([...used].sort(), [...new Set(permissions.map((p) => p.action))].sort());
});

for (const permission of permissions)
  test(`${keyOf(permission)}: only what needs it fails, and says so`, async () => {
    estate.grant(
      permissions.filter((p) => p !== permission),
      refusals,
    );
    const found = await failures();
    assert.deepEqual([...found.keys()].sort(), [...NEEDED_BY[keyOf(permission)]!].sort(), JSON.stringify([...found]));
    for (const [feature, message] of found)
      assert.match(message, new RegExp(`^${permission.action} is not allowed`), feature);
  });

test('with none of them everything fails, and nothing throws', async () => {
  estate.grant([]);
  assert.deepEqual(
    [...(await failures()).keys()].sort(),
    Object.keys(features)
      .filter((f) => f !== 'last good policy')
      .sort(),
  );
});

test('the estate is closed', async () => {
  lease.destroy();
  aws.destroy();
  await estate.close();
});

test.run();
