/** Two policies that name one service: one owns it, whatever the spelling, the order of a listing, or a restart. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { conclude } from '../../../policies/conclude.ts';
import { decide } from '../../../policies/decide.ts';
import { diff } from '../../../policies/diff.ts';
import { parsePolicy } from '../../../policies/document/parse.ts';
import type { Claim } from '../../../policies/model/claim.ts';
import { claimFrom, parseStatus } from '../../../policies/restore.ts';
import { statusOf } from '../../../policies/status.ts';
import type { PolicyEvent } from '../../../reconciler/loop/policy-event.ts';
import { Claims } from '../../../reconciler/watch/claims.ts';
import { look, memoryOf, policyOf, T0 } from '../../support/policy.ts';

const ARN = 'arn:aws:ecs:us-east-1:000000000000';
const SPELLINGS = [
  { cluster: 'demo', name: 'workers' },
  { cluster: `${ARN}:cluster/demo`, name: 'workers' },
  { cluster: 'demo', name: `${ARN}:service/workers` },
  { name: `${ARN}:service/demo/workers` },
];

function applied(name: string, service: object): PolicyEvent {
  const scaling = { minWorkers: 0, maxWorkers: 5, strategies: [{ type: 'threshold' }] };
  const document = { apiVersion: 'sluice/v1', kind: 'WorkerPolicy', metadata: { name } };
  const text = JSON.stringify({ ...document, spec: { queue: { name }, service, scaling } });
  const parsed = parsePolicy(text);
  assert.ok(parsed.ok);
  return { kind: 'applied', name, policy: parsed.policy, text };
}

const owners = async (claims: Claims): Promise<string[]> =>
  (await claims.settle()).map(({ name, owner = name }) => `${name} of ${owner}`).sort();
const none = async (): Promise<Claim | undefined> => undefined;

test('the policy that was stored first owns the service, in each spelling', async () => {
  for (const service of SPELLINGS) {
    const claims = new Claims(none);
    claims.note(applied('b', SPELLINGS[0]!), 1_000);
    assert.deepEqual(await owners(claims), ['b of b']);
    claims.note(applied('a', service), 2_000);
    assert.deepEqual(await owners(claims), ['a of b'], JSON.stringify(service));
    assert.deepEqual(await owners(claims), [], 'it is told once');
  }
});

test('a restart that finds both in one listing comes to the same owner, also after the owner was edited', async () => {
  const stored: Record<string, Claim> = {
    b: { service: 'demo/workers', since: 1_000 },
    a: { service: 'demo/workers', since: 2_000 },
  };
  const claims = new Claims(async (name) => stored[name]);
  claims.note(applied('a', SPELLINGS[1]!), 2_000);
  claims.note(applied('b', SPELLINGS[0]!), 9_000);
  assert.deepEqual(await owners(claims), ['a of b', 'b of b']);
});

test('equal ages are decided by name', async () => {
  const claims = new Claims(none);
  for (const name of ['b', 'a']) claims.note(applied(name, SPELLINGS[0]!), 1_000);
  assert.deepEqual(await owners(claims), ['a of a', 'b of a']);
});

test('the other one takes over when the owner is deleted or turns to another service', async () => {
  for (const gone of [{ kind: 'deleted', name: 'b' } as const, applied('b', { cluster: 'demo', name: 'other' })]) {
    const claims = new Claims(none);
    claims.note(applied('b', SPELLINGS[0]!), 1_000);
    claims.note(applied('a', SPELLINGS[3]!), 2_000);
    await claims.settle();
    claims.note(gone, 3_000);
    assert.ok((await owners(claims)).includes('a of a'));
    claims.note(applied('b', SPELLINGS[0]!), 4_000);
    assert.ok((await owners(claims)).includes('b of a'), 'the one that comes back is the younger one');
  }
});

test('a claim that cannot be read is asked for again', async () => {
  let fails = true;
  const claims = new Claims(async (name) => {
    if (fails) throw new Error('throttled');
    return name === 'b' ? { service: 'demo/workers', since: 1 } : undefined;
  });
  claims.note(applied('a', SPELLINGS[0]!), 1_000);
  claims.note(applied('b', SPELLINGS[0]!), 2_000);
  assert.deepEqual(await owners(claims), ['a of a', 'b of a']);
  fails = false;
  assert.deepEqual(await owners(claims), ['a of b', 'b of b']);
});

test('a policy whose service is taken decides nothing, says whose it is, and answers requests with a code', () => {
  const policy = policyOf(
    {},
    {
      chaos: {
        enabled: true,
        experiments: [{ name: 'kill', trigger: { manual: true }, fault: { type: 'stopTask', count: 1 } }],
      },
    },
  );
  const requests = [{ id: 'r1', action: 'run' as const, experiment: 'kill', expiresAt: T0 + 60_000 }];
  const seen = { ...look({ visible: 90, workers: 2 }), takenBy: 'pair1', requests };
  const { decision, memory } = decide(policy, seen, memoryOf(), T0);
  assert.deepEqual(diff(decision, seen), []);
  assert.deepEqual(
    decision.chaos?.answers.map(({ accepted, precondition }) => [accepted, precondition]),
    [[false, 'serviceTaken']],
  );
  const claim = { service: 'demo/jobs', since: T0 };
  const status = statusOf({ generation: 1, decision, memory: conclude(memory, decision, [], T0), claim, now: T0 });
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  assert.deepEqual([ready?.status, ready?.reason], ['False', 'ServiceTaken']);
  assert.match(ready?.message ?? '', /^policy pair1 owns the service/);
  assert.deepEqual(claimFrom(parseStatus(JSON.stringify(status))), claim);
});

test.run();
