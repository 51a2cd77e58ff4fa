/** An edit beside the version in force on the same past. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { backtestEdit, type EditRequest } from '../../../reconciler/backtest/edit.ts';

const textOf = (maxWorkers: number, mode = 'enforce') =>
  JSON.stringify({
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name: 'jobs' },
    spec: {
      mode,
      queue: { name: 'jobs' },
      service: { cluster: 'demo', name: 'jobs' },
      scaling: { minWorkers: 1, maxWorkers, strategies: [{ type: 'backlogPerWorker', target: 3 }] },
    },
  });

const request: EditRequest = {
  before: textOf(1),
  after: textOf(20, 'observe'),
  queue: 'jobs',
  sent: new Array<number>(60).fill(20),
  serviceSeconds: 10,
  workers: 1,
};

test('more workers are in time more often, and cost more; a mode that writes nothing is run as if it did', () => {
  const shares: number[] = [];
  const { before, after, target, leastHours } = backtestEdit(request, (share) => shares.push(share));
  assert.ok(before && after.withinTarget > before.withinTarget);
  assert.ok(after.workerHours > before.workerHours);
  assert.ok(after.scaleActions > 0);
  assert.equal(target, 60);
  assert.ok(leastHours > 0);
  assert.ok(shares.length > 1 && shares.every((s, i) => s >= 0 && s <= 1 && s >= (shares[i - 1] ?? 0)));
});

test('without a version in force there is only the edit; an invalid edit is an error', () => {
  assert.equal(backtestEdit({ ...request, before: undefined }, () => {}).before, undefined);
  assert.equal(backtestEdit({ ...request, before: 'x: [' }, () => {}).before, undefined);
  assert.throws(() => backtestEdit({ ...request, after: 'x: [' }, () => {}), /not a valid document/);
});

test.run();
