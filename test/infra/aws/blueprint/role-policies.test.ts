/** A role's documents: they grant exactly the list, within IAM's limits, for one policy and for a hundred. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { SOMEWHERE, settle } from '../../../../infra/aws/blueprint/arns.ts';
import { compact } from '../../../../infra/aws/blueprint/compact.ts';
import type { Permission } from '../../../../infra/aws/blueprint/permission.ts';
import {
  reconcilerPermissions,
  reconcilerRefusals,
  type Scope,
} from '../../../../infra/aws/blueprint/permissions/reconciler.ts';
import { policyDocument } from '../../../../infra/aws/blueprint/policy-document.ts';
import {
  INLINE_CHARACTERS,
  MANAGED_CHARACTERS,
  MANAGED_POLICIES,
  rolePolicies,
} from '../../../../infra/aws/blueprint/role-policies.ts';

interface Statement {
  Effect: string;
  Action: string[];
  Resource: string[];
  Condition?: unknown;
}

/** The longest names that AWS has. */
const REAL = { partition: 'aws-us-gov', region: 'ap-southeast-2', accountId: '111122223333' };

const scope = (count: number, more: Partial<Scope> = {}): Scope => ({
  ...SOMEWHERE,
  prefix: '/sluice/production/policies/',
  statusPrefix: '/sluice/production/status/',
  requestsPrefix: '/sluice/production/requests/',
  heartbeat: '/sluice/production/reconciler',
  queues: Array.from({ length: count }, (_, i) => `payments-team-tasks-${i}`),
  deadLetters: Array.from({ length: count }, (_, i) => `payments-team-tasks-${i}-dead-letters`),
  services: Array.from({ length: count }, (_, i) => ({ cluster: 'production', service: `payments-workers-${i}` })),
  faults: {
    stopTask: true,
    queuePolicy: true,
    securityGroupSubnets: ['subnet-0123456789abcdef0', 'subnet-0fedcba9876543210'],
    flagPrefix: '/sluice/production/flags/',
    alarms: true,
  },
  wakeQueue: 'sluice-production-changes',
  leaseTable: 'sluice-production-leases',
  ...more,
});
const documentsOf = (where: Scope) => rolePolicies(reconcilerPermissions(where), reconcilerRefusals(where));
const statementsOf = (document: string): Statement[] => JSON.parse(document).Statement;

/** Every single thing that statements say: one entry for each effect, action, resource and condition. */
const atoms = (statements: Statement[]): string[] =>
  [
    ...new Set(
      statements.flatMap(({ Effect, Action, Resource, Condition }) =>
        Action.flatMap((action) => Resource.map((r) => JSON.stringify([Effect, action, r, Condition ?? null]))),
      ),
    ),
  ].sort();

const NO_FAULTS = { stopTask: false, queuePolicy: false, securityGroupSubnets: [], alarms: false };
for (const [count, faults, kind] of [
  [1, 'every fault', 'inline'],
  [25, 'every fault', 'managed'],
  [100, 'every fault', 'managed'],
  [20, 'no fault', 'inline'],
  [100, 'no fault', 'managed'],
] as const)
  test(`${count} policies with ${faults}: ${kind}, within IAM's limits, and exactly the list`, () => {
    const where = faults === 'every fault' ? scope(count) : scope(count, { faults: NO_FAULTS });
    const made = documentsOf(where);
    assert.equal(made.kind, kind);
    const real = made.documents.map((d) => settle(d, REAL));
    const limit = kind === 'inline' ? INLINE_CHARACTERS : MANAGED_CHARACTERS;
    for (const document of real) assert.ok(document.length <= limit, `${document.length} characters`);
    assert.ok(made.documents.length <= MANAGED_POLICIES);
    const list = policyDocument(reconcilerPermissions(where), reconcilerRefusals(where)).Statement;
    assert.deepEqual(atoms(made.documents.flatMap(statementsOf)), atoms(list));
    const sizes = real.map((d) => d.length);
    console.log(`${count} policies, ${faults}: ${sizes.length} ${kind}, ${sizes.reduce((a, b) => a + b)} characters`);
  });

test('measured with names that are not known, no document grows when they are', () => {
  for (const document of documentsOf(scope(100)).documents) assert.ok(settle(document, REAL).length <= document.length);
});

test('the same grants, whatever their number, have one Sid each in a document', () => {
  for (const document of documentsOf(scope(100)).documents) {
    const sids = (JSON.parse(document).Statement as { Sid: string }[]).map((s) => s.Sid);
    assert.equal(new Set(sids).size, sids.length, sids.join(' '));
    for (const sid of sids) assert.match(sid, /^[A-Za-z0-9]+$/);
  }
});

test('a name that a pattern covers is dropped, and nothing else', () => {
  const where = scope(3, { queues: ['jobs-*', 'jobs-a', 'jobs', 'other'], deadLetters: [] });
  const { Statement } = compact(policyDocument(reconcilerPermissions(where)));
  const queues = Statement.find((s) => s.Action.includes('sqs:GetQueueAttributes'))?.Resource;
  assert.deepEqual(
    queues?.map((arn) => arn.split(':').at(-1)),
    ['jobs-*', 'jobs', 'other'],
  );
});

test('compacting joins only statements that are alike in all but one member', () => {
  const permission = (action: string, resource: string, condition?: Permission['condition']): Permission => ({
    action,
    resources: [resource],
    sid: `${action}${resource}`.replaceAll(/\W/g, ''),
    feature: '',
    madeBy: '',
    without: '',
    ...(condition ? { condition } : {}),
  });
  const held = { StringEquals: { k: 'v' } };
  const statements = compact(
    policyDocument([
      permission('a:X', 'r1'),
      permission('a:Y', 'r1'),
      permission('a:X', 'r2', held),
      permission('a:Y', 'r2', held),
      permission('a:X', 'r3'),
      permission('a:Y', 'r3'),
    ]),
  ).Statement;
  assert.deepEqual(
    statements.map((s) => [s.Action, s.Resource, s.Condition]),
    [
      [['a:X', 'a:Y'], ['r1', 'r3'], undefined],
      [['a:X', 'a:Y'], ['r2'], held],
    ],
  );
});

test('grants that no role can hold are refused with what to do', () => {
  const long = 'x'.repeat(240);
  const services = Array.from({ length: 100 }, (_, i) => ({ cluster: `${long}${i}`, service: `${long}${i}` }));
  assert.throws(() => documentsOf(scope(100, { services })), /IAM attaches 10 to a role; use patterns/);
});

test.run();
