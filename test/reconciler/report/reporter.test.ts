/** A reporter that throws fails alone. */
import assert from 'node:assert/strict';
import { concat, NEVER, of } from 'rxjs';
import { test } from 'uvu';
import { emptyMemory } from '../../../policies/memory.ts';
import { reconcile } from '../../../reconciler/loop/pipeline.ts';
import type { PolicyEvent } from '../../../reconciler/loop/policy-event.ts';
import { VirtualScheduler } from '../../../reconciler/loop/virtual-time.ts';
import { Board } from '../../../reconciler/report/board.ts';
import { Emf } from '../../../reconciler/report/emf.ts';
import { Histories } from '../../../reconciler/report/history.ts';
import { createLogger, DecisionLog } from '../../../reconciler/report/log.ts';
import { Metrics } from '../../../reconciler/report/metrics.ts';
import { deletedBy, type Reporter, reportTo } from '../../../reconciler/report/reporter.ts';
import { ReporterGuard } from '../../../reconciler/report/reporter-guard.ts';
import { statusReporter } from '../../../reconciler/report/status-reporter.ts';
import { Timeline } from '../../../reconciler/report/timeline.ts';
import { look, policyOf } from '../../support/policy.ts';
import { tickOf } from '../../support/tick.ts';

type Line = Record<string, unknown> & { msg: string };

function parts() {
  const lines: Line[] = [];
  const log = createLogger('info', { write: (line: string) => lines.push(JSON.parse(line) as Line) });
  const metrics = new Metrics();
  const guard = new ReporterGuard(log, metrics.onReporterError);
  const board = new Board();
  const status = { updates: 0, update: () => status.updates++, release: () => {} };
  const reporters: Reporter[] = [
    new DecisionLog(log),
    metrics,
    statusReporter(status),
    new Emf(log, 'Sluice'),
    new Histories(),
    new Timeline(),
  ];
  return { lines, log, metrics, guard, board, status, reporters };
}

const breaking = <T extends object>(part: T, method: keyof T): void => {
  Object.defineProperty(part, method, {
    value: () => {
      throw new Error(`${String(method)} broke`);
    },
  });
};

/** Runs the loop for a minute of virtual time with these parts, and returns how many events it reported. */
function minute({ board, guard, reporters }: ReturnType<typeof parts>): number {
  const scheduler = new VirtualScheduler();
  const report = reportTo(board, reporters, guard);
  const policy = policyOf();
  const applied: PolicyEvent = { kind: 'applied', name: 'jobs', policy, text: '' };
  let events = 0;
  const subscription = reconcile({
    specs$: concat(of(applied), NEVER),
    world: {
      observe: () => of(look({ at: scheduler.now(), visible: 3 })),
      act: (action) => of({ action, outcome: 'applied' as const }),
    },
    restore: () => of(emptyMemory()),
    stop$: NEVER,
    scheduler,
  }).subscribe((event) => {
    report(event);
    events++;
  });
  scheduler.advanceTo(60_000);
  assert.equal(subscription.closed, false);
  subscription.unsubscribe();
  return events;
}

const errorsOf = async (metrics: Metrics): Promise<Record<string, number>> => {
  const { values } = (await metrics.registry.getSingleMetric('sluice_reporter_errors_total')?.get()) ?? { values: [] };
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels.reporter), value]));
};

for (const name of ['log', 'metrics', 'status', 'emf', 'history', 'timeline'])
  test(`when ${name} throws, the loop and the other reporters go on; it is counted and logged once`, async () => {
    const it = parts();
    const broken = it.reporters.find((r) => r.name === name);
    assert.ok(broken);
    breaking(broken, 'report');
    const events = minute(it);
    assert.equal(events, 8, 'the policy, and a tick every 10 s');
    assert.deepEqual(await errorsOf(it.metrics), { [name]: events });
    const failures = it.lines.filter((l) => l.msg === 'reporter failed');
    assert.deepEqual(
      failures.map((l) => [l.code, l.reporter]),
      [['ReporterFailed', name]],
    );
    assert.match(String(failures[0]?.effect), /scaling and the other reporters go on/);
    if (name !== 'status') assert.equal(it.status.updates, events);
    if (name !== 'log') assert.ok(it.lines.some((l) => l.msg === 'decision'));
  });

test('when the board throws, the reporters get the view as it is', async () => {
  const it = parts();
  breaking(it.board, 'apply');
  assert.equal(minute(it), 8);
  assert.equal(it.status.updates, 8);
  assert.deepEqual(await errorsOf(it.metrics), { board: 8 });
});

test('when the log cannot even say that a reporter failed, the loop goes on', () => {
  const it = parts();
  breaking(it.log, 'error');
  breaking(it.log, 'info');
  assert.equal(minute(it), 8);
});

test('a gap is logged once for all policies', () => {
  const { lines, log, board, guard } = parts();
  const report = reportTo(board, [new DecisionLog(log)], guard);
  for (const name of ['a', 'b', 'c']) report({ kind: 'gap', name, since: 1_000, until: 61_000 });
  report({ kind: 'gap', name: 'a', since: 61_000, until: 99_000 });
  assert.deepEqual(
    lines.map((l) => [l.msg, l.policy]),
    [
      ['not evaluated', 'a'],
      ['not evaluated', 'a'],
    ],
  );
  assert.match(String(lines[0]?.problem), /not evaluated for 60 s/);
});

test('only the deletion of a policy makes it gone', () => {
  const view = { name: 'jobs', generation: 1 };
  assert.equal(deletedBy({ view, event: tickOf() }), undefined);
  assert.equal(deletedBy({ view, event: { kind: 'spec', change: { kind: 'deleted', name: 'jobs' } } }), 'jobs');
});

test('a deleted policy leaves no series behind, and one that returns starts with new ones', async () => {
  const { board, guard, metrics } = parts();
  const report = reportTo(board, [metrics], guard);
  const tick = tickOf({ visible: 3, age: 5 });
  const ended = {
    experiment: 'x',
    verdict: 'passed',
    startedAt: 0,
    injectedAt: 0,
    effectSeenAt: 1,
    endedAt: 2,
    recoveredAt: 3,
  };
  const alert = { name: 'old', firing: true, severity: 'warning', message: '', since: 0 };
  const decision = { ...tick.decision, alerts: [alert], chaos: { running: [], ended: [ended] } };
  report({ kind: 'spec', change: { kind: 'applied', name: 'jobs', policy: policyOf(), text: '' } });
  report(Object.assign({}, tick, { decision }));
  const series = async (): Promise<string[]> =>
    (await metrics.registry.metrics()).split('\n').filter((l) => l.includes('policy="jobs"') && !/_total\{/.test(l));
  const before = await series();
  for (const part of ['workers', 'queue_messages', 'oldest_age', 'alert_firing', 'detect_seconds', 'recover_seconds'])
    assert.ok(
      before.some((l) => l.includes(part)),
      `${part} is among the series of a policy`,
    );
  report({ kind: 'spec', change: { kind: 'deleted', name: 'jobs' } });
  assert.deepEqual(await series(), []);
  report(tickOf({ visible: 4 }));
  assert.ok((await series()).some((l) => l.startsWith('sluice_queue_messages') && l.endsWith(' 4')));
});

test('every gauge that names a policy goes with it, whichever there are', async () => {
  const { board, guard, metrics } = parts();
  const report = reportTo(board, [metrics], guard);
  const tick = tickOf({ visible: 3, age: 5 });
  const run = {
    experiment: 'x',
    verdict: 'passed',
    startedAt: 0,
    injectedAt: 0,
    effectSeenAt: 1,
    endedAt: 2,
    recoveredAt: 3,
  };
  const counts = { ok: true, at: 0, value: { visible: 1, inFlight: 0, delayed: 0 } };
  const age = { ok: true, at: 0, value: { seconds: 4 } };
  const decision = {
    ...tick.decision,
    observation: { ...tick.decision.observation, queues: [{ name: 'second', counts, age }] },
    alerts: [{ name: 'old', firing: true, severity: 'warning', message: '', since: 0 }],
    chaos: { running: [], ended: [run] },
    budget: { currency: 'USD', spent: 1, foreseen: 2, perDay: 3 },
    mode: 'paused',
  };
  const ofPolicy = async () => {
    const all = await metrics.registry.getMetricsAsJSON();
    return all.filter(({ values }) => values.some(({ labels }) => 'policy' in labels)).map(({ name }) => name);
  };
  const gauges = (await metrics.registry.getMetricsAsArray())
    .filter((m) => 'labelNames' in m && (m.labelNames as string[]).includes('policy') && m.constructor.name === 'Gauge')
    .map(({ name }) => name);
  report({ kind: 'spec', change: { kind: 'applied', name: 'jobs', policy: policyOf(), text: '' } });
  report(Object.assign({}, tick, { decision }));
  const before = await ofPolicy();
  assert.deepEqual(
    gauges.filter((name) => !before.includes(name)),
    [],
    'this test shows each gauge once',
  );
  report({ kind: 'spec', change: { kind: 'deleted', name: 'jobs' } });
  assert.deepEqual(
    (await ofPolicy()).filter((name) => gauges.includes(name)),
    [],
  );
});

test('a policy that was deleted and returns is in the embedded metrics at once, and in none before', () => {
  const { lines, log, board, guard } = parts();
  const report = reportTo(board, [new Emf(log, 'Sluice')], guard);
  const metricsLines = () => lines.filter((line) => line.msg === 'metrics').length;
  report(tickOf());
  report(tickOf());
  assert.equal(metricsLines(), 1, 'one a minute');
  report({ kind: 'spec', change: { kind: 'deleted', name: 'jobs' } });
  assert.equal(metricsLines(), 1);
  report(tickOf());
  assert.equal(metricsLines(), 2);
});

test.run();
