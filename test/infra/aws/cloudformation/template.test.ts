/** The CloudFormation template: golden files, the same grants as elsewhere, and IAM's limits at the longest name. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import { stringify } from 'yaml';
import { SOMEWHERE } from '../../../../infra/aws/blueprint/arns.ts';
import { pathsOf } from '../../../../infra/aws/blueprint/names.ts';
import { reconcilerPermissions, reconcilerRefusals } from '../../../../infra/aws/blueprint/permissions/reconciler.ts';
import { policyDocument } from '../../../../infra/aws/blueprint/policy-document.ts';
import { type Reach, scopeFrom } from '../../../../infra/aws/blueprint/reach.ts';
import { templateOf } from '../../../../infra/aws/cloudformation/template.ts';

const golden = new URL('./golden/', import.meta.url);
const PLAIN: Reach = {
  queues: ['jobs'],
  deadLetters: [],
  services: [{ cluster: 'prod', service: 'workers' }],
  faults: { stopTask: false, queuePolicy: false, securityGroupSubnets: [], flags: false, alarms: false },
  wakeUp: false,
  countOnly: true,
};
const FULL: Reach = {
  queues: ['jobs', 'mail.fifo', 'reports-*'],
  deadLetters: ['jobs-dead'],
  services: [
    { cluster: 'prod', service: 'workers' },
    { cluster: 'batch', service: 'reports-*' },
  ],
  faults: {
    stopTask: true,
    queuePolicy: true,
    securityGroupSubnets: ['subnet-0123456789abcdef0'],
    flags: true,
    alarms: true,
  },
  wakeUp: true,
  countOnly: true,
};
const HUNDRED: Reach = {
  ...FULL,
  queues: Array.from({ length: 100 }, (_, i) => `team-${i}-tasks`),
  deadLetters: Array.from({ length: 100 }, (_, i) => `team-${i}-tasks-dead`),
  services: Array.from({ length: 100 }, (_, i) => ({ cluster: 'prod', service: `team-${i}-workers` })),
};

for (const [name, reach] of Object.entries({ plain: PLAIN, full: FULL }))
  test(`${name}: the template is that of the golden file`, () => {
    const text = stringify(templateOf(reach), { lineWidth: 0, version: '1.1' });
    const file = new URL(`${name}.yaml`, golden);
    if (process.env.UPDATE_GOLDEN || !existsSync(file)) writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'), 'see what has changed; if it is meant: UPDATE_GOLDEN=1');
  });

interface Statement {
  Effect: string;
  Action: string[];
  Resource: string[];
  Condition?: unknown;
}

/** Texts as CloudFormation would see them, with its own names still in them. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('Fn::Sub' in value) return value['Fn::Sub'];
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

interface Role {
  Properties: { Policies?: { PolicyDocument: { Statement: Statement[] } }[] };
}
interface ManagedPolicy {
  Type: string;
  Properties: { PolicyDocument: { Statement: Statement[] } };
}

/** Every statement of the reconciler's role, wherever it stands. */
function statementsOf(reach: Reach): Statement[] {
  const resources = plain(templateOf(reach).Resources) as Record<string, unknown>;
  const { Policies = [] } = (resources.TaskRole as Role).Properties;
  const managed = (Object.values(resources) as ManagedPolicy[]).filter((r) => r.Type === 'AWS::IAM::ManagedPolicy');
  return [...Policies, ...managed.map((m) => m.Properties)].flatMap((p) => p.PolicyDocument.Statement);
}

const atoms = (statements: readonly Statement[]): string[] =>
  [
    ...new Set(
      statements.flatMap(({ Effect, Action, Resource, Condition }) =>
        Action.flatMap((action) => Resource.map((r) => JSON.stringify([Effect, action, r, Condition ?? null]))),
      ),
    ),
  ].sort();

for (const [name, reach] of Object.entries({ plain: PLAIN, full: FULL, hundred: HUNDRED }))
  test(`${name}: the role may do exactly what the list says`, () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in
    const stack = '${AWS::StackName}';
    const scope = scopeFrom(reach, {
      home: SOMEWHERE,
      paths: pathsOf(`/sluice/${stack}/`),
      wakeQueue: `${stack}-changes`,
      leaseTable: `${stack}-leases`,
    });
    const { Statement } = policyDocument(reconcilerPermissions(scope), reconcilerRefusals(scope));
    const covered = (atom: string): boolean => !/reports-\*/.test(atom);
    assert.deepEqual(atoms(statementsOf(reach)).filter(covered), atoms(Statement).filter(covered));
  });

test('a hundred policies: managed policies that fit IAM under the longest name of a stack, before the service', () => {
  const { Resources } = templateOf(HUNDRED);
  const managed = Object.entries(plain(Resources) as Record<string, ManagedPolicy>).filter(
    ([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy',
  );
  assert.ok(managed.length > 1 && managed.length <= 10, `${managed.length} policies`);
  const { DependsOn } = Resources.Service as { DependsOn: string[] };
  for (const [name, { Properties }] of managed) {
    assert.ok(DependsOn.includes(name), name);
    const longest = JSON.stringify(Properties.PolicyDocument).replaceAll(/\$\{AWS::StackName\}/g, 'x'.repeat(128));
    assert.ok(longest.length <= 6_144, `${name}: ${longest.length} characters`);
  }
});

test('the options that are off leave nothing behind', () => {
  const names = Object.keys(templateOf(PLAIN).Resources);
  assert.ok(!names.some((name) => name.startsWith('Changes')), names.join(' '));
  assert.ok(!JSON.stringify(templateOf(PLAIN)).includes('SLUICE_WAKE_QUEUE'));
});

test('one reconciler or two: the count is a parameter, and the alarm on starts follows it', () => {
  const { Parameters, Resources } = templateOf(PLAIN);
  assert.equal((Parameters.Reconcilers as { Default: number }).Default, 2);
  const { Properties } = Resources.Service as { Properties: Record<string, unknown> };
  assert.deepEqual(Properties.DesiredCount, { Ref: 'Reconcilers' });
  const alarm = Resources.RestartingAlarm as { Properties: Record<string, unknown> };
  assert.deepEqual(alarm.Properties.Threshold, { 'Fn::If': ['HasStandby', 6, 3] });
});

test('a queue that is a pattern has no alarm: there is no queue of that name to watch', () => {
  const alarms = Object.keys(templateOf(FULL).Resources).filter((name) => name.endsWith('OldestAgeAlarm'));
  assert.deepEqual(alarms, ['JobsOldestAgeAlarm', 'MailFifoOldestAgeAlarm']);
});

test.run();
