/** Crash loops, missing capacity and deployments that do not end: what ECS says holds scale-up; nothing else does. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { conditionsOf } from '../../../../policies/conditions.ts';
import { decide } from '../../../../policies/decide.ts';
import type { FailedStarts, Observation, Reading, ServiceState } from '../../../../policies/model/observation.ts';
import { type Look, look, memoryOf, policyOf, T0 } from '../../../support/policy.ts';

const MINUTE = 60_000;
const policy = policyOf({ strategies: [{ type: 'backlogPerWorker', target: 5 }], scaleUp: { cooldown: '0s' } });
const DEPLOYMENT = 'ecs-svc/1';

const failed = (more: Partial<FailedStarts> = {}): Reading<FailedStarts> => ({
  ok: true,
  at: T0,
  value: {
    deployment: DEPLOYMENT,
    count: 3,
    since: T0 - 10_000,
    last: { task: '0123456789abcdef', at: T0 - 1_000, reason: 'OutOfMemoryError', exitCode: 137, livedSeconds: 2.5 },
    survivors: 0,
    ...more,
  },
});

const NO_ROOM = {
  kind: 'placement' as const,
  since: T0 - 10_000,
  message: 'was unable to place a task. Reason: Capacity is unavailable at this time.',
};

function seen(given: Look, service: Partial<ServiceState>, failedStarts?: Observation['failedStarts']): Observation {
  const observation = look(given);
  assert.ok(observation.service.ok);
  const value = { ...observation.service.value, deployment: DEPLOYMENT, ...service };
  return {
    ...observation,
    service: { ...observation.service, value },
    ...(failedStarts ? { failedStarts } : {}),
  };
}

interface Row {
  name: string;
  world?: Look;
  service?: Partial<ServiceState>;
  failed?: Observation['failedStarts'];
  /** Milliseconds since the last scale-up. */
  upAgo?: number;
  desired: number;
  because?: RegExp;
  condition?: string;
}

const BUSY = { visible: 50, workers: 4, running: 3 };
const rows: Row[] = [
  { name: 'no evidence, no step', desired: 10, condition: 'NoTrouble' },
  {
    name: 'three failures hold scale-up, in the words of ECS',
    failed: failed(),
    desired: 4,
    because:
      /no scale-up while tasks fail; one more worker is tried in 50s: 3 tasks failed soon after their start; the last one, 01234567, ended 2.5 s after its start with exit code 137 \(OutOfMemoryError\)/,
    condition: 'CrashLoop',
  },
  {
    name: 'what the task printed last follows, cut to fit',
    failed: failed({ last: { task: '0123456789abcdef', at: T0, reason: 'R', lastLines: ['boom', 'y'.repeat(200)] } }),
    desired: 4,
    because: /did not start \(R\); its last line: y{77}\.\.\.$/,
    condition: 'CrashLoop',
  },
  { name: 'two failures may be chance', failed: failed({ count: 2 }), desired: 10 },
  { name: 'a task that stays up ends the loop', failed: failed({ survivors: 1 }), desired: 10 },
  { name: 'failures of another deployment say nothing', failed: failed({ deployment: 'ecs-svc/0' }), desired: 10 },
  {
    name: 'a failed reading changes nothing',
    failed: { ok: false, at: T0, failure: { class: 'transient', code: 'ThrottlingException', message: 'slow down' } },
    desired: 10,
  },
  { name: 'no task at all, and none failed', failed: { ok: true, at: T0, value: undefined }, desired: 10 },
  {
    name: 'a crash loop with all workers there for a moment',
    world: { visible: 50, workers: 4 },
    failed: failed(),
    desired: 4,
  },
  {
    name: 'scale-in goes on, and says why tasks fail',
    world: { visible: 5, workers: 4, running: 3 },
    failed: failed(),
    desired: 1,
    because: /3 tasks failed/,
  },
  {
    name: 'one more worker after a minute',
    failed: failed({ since: T0 - MINUTE }),
    desired: 5,
    because: /tries one more worker although 3 tasks failed/,
  },
  {
    name: 'the next wait is as long as all of them before: not after one minute',
    failed: failed({ since: T0 - 3.5 * MINUTE }),
    upAgo: 1.5 * MINUTE,
    desired: 4,
    because: /one more worker is tried in 30s/,
  },
  {
    name: 'and after two',
    failed: failed({ since: T0 - 4 * MINUTE }),
    upAgo: 2 * MINUTE,
    desired: 5,
  },
  {
    name: 'a wait is at most half an hour',
    failed: failed({ since: T0 - 130 * MINUTE }),
    upAgo: 30 * MINUTE,
    desired: 5,
  },
  {
    name: 'a scale-up of before the trouble is no try',
    failed: failed({ since: T0 - 30_000 }),
    upAgo: 10 * MINUTE,
    desired: 4,
    because: /in 30s/,
  },
  {
    name: 'no room: held with the event of ECS',
    service: { trouble: NO_ROOM },
    desired: 4,
    because: /ECS says: was unable to place a task\. Reason: Capacity is unavailable/,
    condition: 'NoCapacity',
  },
  {
    name: 'an old event says nothing once all workers run',
    world: { visible: 50, workers: 4 },
    service: { trouble: NO_ROOM },
    desired: 10,
    condition: 'NoTrouble',
  },
  {
    name: 'tasks that do not start in a deployment, counted by ECS itself',
    service: { deploying: true, deployingSince: T0 - 20_000, failedTasks: 3 },
    desired: 4,
    because: /ECS could not start 3 tasks in a row in this deployment/,
    condition: 'CrashLoop',
  },
  { name: 'a clock that was set back', failed: failed({ since: T0 + MINUTE }), desired: 4, because: /in 1m/ },
];

for (const { name, world = BUSY, service = {}, failed: starts, upAgo, desired, because, condition } of rows)
  test(name, () => {
    const memory = memoryOf(upAgo === undefined ? {} : { lastScaleUp: { at: T0 - upAgo, from: 3, to: 4 } });
    const observation = seen(world, service, starts);
    const { decision, memory: after } = decide(policy, observation, memory, T0);
    assert.equal(decision.desired, desired, decision.summary);
    const step = decision.guards.find(({ guard }) => guard === 'starting');
    if (because) assert.match(step?.because ?? '', because);
    if (!condition) return;
    const all = conditionsOf({ generation: 1, decision, memory: after, now: T0 });
    const said = all.find(({ type }) => type === 'WorkersStart');
    assert.equal(said?.reason, condition);
    assert.equal(said?.status === 'True', condition === 'NoTrouble');
  });

const idle = (deployingSince: number | undefined) =>
  decide(
    policy,
    seen({ workers: 6 }, { deploying: true, ...(deployingSince === undefined ? {} : { deployingSince }) }),
    memoryOf(),
    T0,
  ).decision;

test('a deployment holds scale-in for deploymentTimeout only, then says so', () => {
  for (const since of [undefined, T0 - 5 * MINUTE, T0 - 30 * MINUTE, T0 + MINUTE])
    assert.equal(idle(since).desired, 6, `since ${since}`);
  const decision = idle(T0 - 31 * MINUTE);
  assert.equal(decision.desired, 1);
  assert.match(
    decision.guards.find(({ guard }) => guard === 'deployment')?.because ?? '',
    /the deployment has not ended for 31m, longer than deploymentTimeout \(30m\): scale-in goes on/,
  );
});

test.run();
