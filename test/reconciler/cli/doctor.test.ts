/** `sluice doctor` on the embedded AWS: with each permission taken away in turn it names exactly that one. */
import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { reconcilerRefusals } from '../../../infra/aws/blueprint/permissions/reconciler.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { examine, grantsOf } from '../../../reconciler/cli/doctor/examine.ts';
import type { Subject } from '../../../reconciler/cli/doctor/probes.ts';
import { policyOf } from '../../support/policy.ts';
import { ESTATE_SCOPE, HOME, startEstate } from '../../support/role.ts';

const estate = await startEstate();
const aws = createClients({ endpoint: estate.cloud.url, region: HOME.region, buckets: new Map(), maxAttempts: 1 });
const experiment = (name: string, fault: object) => ({ name, fault });
const policy = policyOf({}, {
  queue: { name: 'jobs' },
  service: { cluster: 'demo', name: 'workers' },
  chaos: {
    enabled: true,
    stopWhen: { alarm: 'jobs-too-old' },
    experiments: [
      experiment('stop', { type: 'stopTask', count: 1 }),
      experiment('cut', { type: 'partition', method: 'queuePolicy', duration: '2m' }),
      experiment('flag', {
        type: 'partition',
        method: 'processingFlag',
        parameter: '/sluice/flags/jobs',
        duration: '2m',
      }),
    ],
  },
} as never);
const subject: Subject = {
  name: 'jobs',
  prefix: ESTATE_SCOPE.prefix,
  statusPrefix: ESTATE_SCOPE.statusPrefix,
  requestsPrefix: ESTATE_SCOPE.requestsPrefix,
  queue: 'jobs',
  queues: ['jobs'],
  deadLetters: 'jobs-dead',
  cluster: 'demo',
  service: 'workers',
  wakeQueue: estate.changesUrl,
  flags: ['/sluice/flags/jobs'],
};
/** The grants of the policy, in the account of the estate. */
const grants = grantsOf(policy, subject).map((p) => JSON.parse(inEstate(JSON.stringify(p))) as typeof p);
const refusals = reconcilerRefusals(ESTATE_SCOPE);
function inEstate(text: string): string {
  return text
    .replaceAll(/\$\{AWS::Partition\}/g, 'aws')
    .replaceAll(/\$\{AWS::Region\}/g, HOME.region)
    .replaceAll(/\$\{AWS::AccountId\}/g, HOME.accountId);
}
const look = (more: Partial<Subject> = {}, options = { write: true, jobSeconds: 5 as number | undefined }) =>
  examine(aws, policy, { ...subject, ...more }, options);

const test = suite('doctor');

test('with every grant each call is allowed, and the writes that it must not try are told', async () => {
  estate.grant(grants, refusals);
  const { rows, findings } = await look();
  const told = (verdict: string) => rows.filter((r) => r.verdict === verdict).map((r) => r.action);
  assert.deepEqual(
    rows.filter((r) => r.verdict !== 'allowed' && r.verdict !== 'not tried'),
    [],
  );
  assert.deepEqual(told('not tried').sort(), [
    'ecs:StopTask',
    'sqs:DeleteMessage',
    'sqs:SetQueueAttributes',
    'ssm:PutParameter',
    'ssm:PutParameter',
    'ssm:PutParameter',
  ]);
  assert.deepEqual(
    findings.filter((f) => f.kind === 'problem'),
    [],
  );
});

test('nothing but UpdateService is written, and that with the count that there is', async () => {
  estate.calls.length = 0;
  await look();
  const writes = estate.calls.filter((c) => /^(Put|Set|Update|Delete|Stop|Create)/.test(c.action));
  assert.deepEqual(
    writes.map((c) => [c.action, c.input.desiredCount]),
    [['UpdateService', 2]],
  );
  estate.calls.length = 0;
  await look({}, { write: false, jobSeconds: undefined });
  assert.ok(!estate.calls.some((c) => c.action === 'UpdateService'), 'without --write it reads only');
});

for (const grant of grants.filter((g) => !/PutParameter|StopTask|SetQueueAttributes|DeleteMessage/.test(g.action)))
  test(`${grant.sid} ${grant.action} taken away: exactly that one is denied, with the statement to grant`, async () => {
    estate.grant(
      grants.filter((g) => g !== grant),
      refusals,
    );
    const { rows } = await look();
    const denied = rows.filter((r) => r.verdict === 'denied');
    assert.deepEqual(
      denied.map((r) => [r.action, r.feature]),
      [[grant.action, grant.feature]],
    );
    const statement = denied[0]!.statement as { Action: string[]; Resource: string[] };
    assert.deepEqual(statement.Action, [grant.action]);
    // The account is known as long as the queue or the service can be read.
    assert.deepEqual(statement.Resource, grant.resources);
  });

test('a queue without dead-letter queue, and one that shows a message again too early, are problems', async () => {
  estate.grant(grants, refusals);
  const { findings } = await look({}, { write: false, jobSeconds: 90 });
  assert.match(findings.map((f) => f.text).join('\n'), /shows a message again after 30 s, and jobs take 90 s/);
  const { findings: others } = await examine(
    aws,
    policy,
    { ...subject, queue: 'jobs-dead' },
    { write: false, jobSeconds: 5 },
  );
  assert.match(others.map((f) => f.text).join('\n'), /jobs-dead has no dead-letter queue/);
});

test('a queue and a service that are not there are missing, not denied', async () => {
  const wide = grants.map((g) => ({ ...g, resources: ['*'] }));
  estate.grant(wide, refusals);
  const { rows } = await look(
    { queue: 'nowhere', queues: ['nowhere'], service: 'nothing' },
    { write: false, jobSeconds: undefined },
  );
  const verdicts = new Map(rows.map((r) => [`${r.action} ${r.feature}`, r.verdict]));
  assert.equal(verdicts.get('sqs:GetQueueAttributes queue depth'), 'missing');
  assert.equal(verdicts.get('ecs:DescribeServices service counts'), 'missing');
});

test('an endpoint that nobody answers is unreachable', async () => {
  const nobody = createClients({
    endpoint: 'http://127.0.0.1:9',
    region: HOME.region,
    buckets: new Map(),
    maxAttempts: 1,
  });
  const { rows } = await examine(nobody, policy, subject, { write: false, jobSeconds: undefined });
  nobody.destroy();
  assert.ok(
    rows.filter((r) => r.verdict !== 'not tried').every((r) => r.verdict === 'unreachable'),
    JSON.stringify(rows),
  );
});

test('the estate is closed', async () => {
  aws.destroy();
  await estate.close();
});

test.run();
