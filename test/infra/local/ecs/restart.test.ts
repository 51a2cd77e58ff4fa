import assert from 'node:assert/strict';
import { test } from 'uvu';
import { NO_KEEPER } from '../../../../infra/local/service.ts';
import { compacted, inMemory } from '../kept.ts';
import { ecsHarness, STARTED_MS } from './harness.ts';

test('services come back after a restart, and their tasks are started anew', async () => {
  const h = await ecsHarness();
  const kept = inMemory();
  const before = compacted(h.ecs.persistent);
  for (const [key, value] of before) kept.keeper.put(key, value);
  h.ecs.persistent.restore(before, kept.keeper);
  await h.serve(1);
  await h.call('UpdateService', { cluster: 'c', service: 'svc', desiredCount: 2 });
  h.clock.advance(STARTED_MS);
  await h.ecs.close();
  const again = await ecsHarness();
  assert.throws(() => again.ecs.persistent.restore(new Map([['service/x', 1]]), NO_KEEPER), /"service\/x"/);
  again.ecs.persistent.restore(kept.entities(), NO_KEEPER);
  again.ecs.start();
  again.clock.advance(STARTED_MS);
  const service = await again.service();
  assert.equal(service.runningCount, 2);
  assert.equal(service.deployments[0].rolloutState, 'COMPLETED');
});

test.run();
