import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { type EcsHarness, ecsHarness } from './harness.ts';

type Step =
  | { kind: 'scale'; to: number }
  | { kind: 'deploy' }
  | { kind: 'stop' | 'crash'; which: number }
  | { kind: 'protect'; which: number; minutes: number }
  | { kind: 'advance'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('scale' as const), to: fc.integer({ min: 0, max: 8 }) }),
  fc.record({ kind: fc.constant('deploy' as const) }),
  fc.record({ kind: fc.constantFrom('stop' as const, 'crash' as const), which: fc.nat(9) }),
  fc.record({ kind: fc.constant('protect' as const), which: fc.nat(9), minutes: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 4_000 }) }),
);

async function take(h: EcsHarness, step: Step): Promise<void> {
  const service = { cluster: 'c', service: 'svc' };
  if (step.kind === 'scale') await h.call('UpdateService', { ...service, desiredCount: step.to });
  if (step.kind === 'deploy') await h.call('UpdateService', { ...service, forceNewDeployment: true });
  if (step.kind === 'advance') h.clock.advance(step.ms);
  if (step.kind === 'crash') h.live()[step.which]?.exit({ code: 1 });
  const task = step.kind === 'stop' || step.kind === 'protect' ? (await h.tasks())[step.which] : undefined;
  if (!task) return;
  if (step.kind === 'stop') await h.call('StopTask', { cluster: 'c', task: task.taskArn });
  if (step.kind === 'protect')
    await h.call('UpdateTaskProtection', {
      cluster: 'c',
      tasks: [task.taskArn],
      protectionEnabled: true,
      expiresInMinutes: step.minutes,
    });
}

async function checkCounts(h: EcsHarness): Promise<void> {
  const service = await h.service();
  const tasks = await h.tasks();
  const running = tasks.filter((task) => task.lastStatus === 'RUNNING').length;
  assert.equal(service.runningCount, running);
  assert.equal(service.runningCount + service.pendingCount, tasks.length);
  const sum = (name: string): number =>
    service.deployments.reduce((total: number, each: Record<string, number>) => total + (each[name] ?? 0), 0);
  assert.equal(sum('runningCount'), service.runningCount);
  assert.equal(sum('pendingCount'), service.pendingCount);
  assert.equal(service.deployments.filter((each: { status: string }) => each.status === 'PRIMARY').length, 1);
}

test('whatever happens, a service converges, counts agree, and protected tasks are not scaled in', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 1e6 }), async (steps, seed) => {
      const h = await ecsHarness({ seed, startUpJitterMs: 1_000 });
      await h.serve(2);
      h.ecs.onTaskStateChange((task) => {
        if (task.lastStatus !== 'DEACTIVATING' || task.stopCode !== 'ServiceSchedulerInitiated') return;
        assert.ok(!((task.protectedUntil ?? 0) > h.clock.now()), 'a protected task was scaled in');
      });
      for (const each of steps) {
        await take(h, each);
        await checkCounts(h);
      }
      // Longer than any protection and any wait of the throttle.
      h.clock.advance(600_000);
      await checkCounts(h);
      const service = await h.service();
      assert.deepEqual([service.runningCount, service.pendingCount], [service.desiredCount, 0]);
      assert.equal(service.deployments.length, 1);
      assert.equal(service.deployments[0].rolloutState, 'COMPLETED');
      assert.match(service.events[0].message, /steady state/);
      assert.equal(h.live().length, service.desiredCount);
      assert.deepEqual(h.problems, []);
    }),
    { numRuns: 150 },
  );
});

test.run();
