/** Experiments in the status parameter: everything a restart needs comes back, and it fits. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { chaosFrom, parseStoredChaos, parseStoredRuns } from '../../../policies/chaos/restore.ts';
import { storedChaos, storedRuns } from '../../../policies/chaos/stored.ts';
import type { Run } from '../../../policies/model/run.ts';
import { memoryFrom, parseStatus } from '../../../policies/restore.ts';
import { statusOf } from '../../../policies/status.ts';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';
import { T0 } from '../../support/policy.ts';

function lab(fault: object): Lab {
  const it = new Lab();
  it.start(chaosPolicy(experiment(fault)));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(4);
  return it;
}

for (const fault of [
  { type: 'drain' },
  { type: 'partition', duration: '60s' },
  { type: 'partition', method: 'securityGroup', securityGroups: ['sg-cut'], duration: '60s' },
])
  test(`a running ${JSON.stringify(fault)} comes back with what its revert needs`, () => {
    const { chaos } = lab(fault).last.after;
    const back = chaosFrom(
      JSON.parse(JSON.stringify(storedRuns(chaos!))),
      JSON.parse(JSON.stringify(storedChaos(chaos!))),
    );
    const strip = ({ samples: _, injection, ...run }: Run) => {
      const { statement: __, ...kept } = injection as object & { statement?: string };
      return { ...run, injection: kept };
    };
    assert.deepEqual(back?.runs.map(strip), chaos?.runs.map(strip));
    assert.deepEqual(back?.held, chaos?.held);
    assert.equal(back?.lookedAt, chaos?.lookedAt);
    assert.equal(back?.resumed, true);
  });

test('the evidence of an ended run comes back', () => {
  const it = lab({ type: 'stopTask', count: 1 });
  it.pass(40);
  const [run] = it.last.after.chaos?.recent ?? [];
  const [back] = chaosFrom(storedRuns(it.last.after.chaos!), {})?.recent ?? [];
  for (const key of ['id', 'verdict', 'because', 'trigger', 'startedAt', 'stopped', 'peak'] as const)
    assert.deepEqual(back?.[key], run?.[key], key);
  for (const key of ['injectedAt', 'effectSeenAt', 'recoveredAt'] as const)
    assert.ok(Math.abs(back![key]! - run![key]!) <= 50, `${key} to a tenth of a second`);
});

test('the last six reports of an ordinary day fit beside everything else', () => {
  const it = lab({ type: 'drain', hold: '5s' });
  it.pass(40);
  for (let i = 2; i <= 8; i++) {
    it.ask({ id: `r${i}`, experiment: 'x' });
    it.pass(60);
  }
  const { after, decision } = it.last;
  assert.equal(after.chaos?.recent.length, 8);
  const target = { queue: { name: 'taskiq-tasks' }, service: { cluster: 'production', name: 'taskiq-workers' } };
  const text = JSON.stringify(statusOf({ generation: 12, decision, memory: after, target, now: T0 }));
  assert.ok(Buffer.byteLength(text) <= 4_096, `${Buffer.byteLength(text)} bytes`);
  assert.ok(memoryFrom(parseStatus(text)).chaos!.recent.length >= 5, `${JSON.parse(text).experiments.length} are kept`);
});

test('six reports and the fullest snapshot fit together: the reports yield, what was learned stays', () => {
  const it = lab({ type: 'drain', hold: '5s' });
  it.pass(40);
  for (let i = 2; i <= 8; i++) {
    it.ask({ id: `r${i}`, experiment: 'x' });
    it.pass(60);
  }
  const six = <T>(entry: (i: number) => T): T[] => Array.from({ length: 6 }, (_, i) => entry(6 - i));
  const learned = {
    at: T0,
    window: six((i) => [i * 1_234.5, i * 1_111]),
    estimate: {
      last: [1.2, 123_456, 12_345, 1_234, 1_234],
      watched: 1_234_567.89,
      spans: six((i) => [i * 1_234.5, 1_234.56, 123_456.78, 123_456.78, 123_456.78]),
      load: [1_234.567890123456, 1_234.567890123456],
      service: [123_456.123456789, 12_345.123456789, 1_234.5],
      concurrency: 1.234567890123456,
      startUp: [123.4567890123456, 12],
      starting: six((i) => [i * 12.3, 1_234]),
      bursts: [1_234_567.123456789, Array.from({ length: 16 }, (_, i) => 12_345.67 + i)],
      risk: [0.123456789012345, 1_234.5],
    },
  };
  const { snapshotAt, window, estimate } = memoryFrom(parseStatus(JSON.stringify({ conditions: [], learned })));
  assert.ok(estimate, 'the snapshot is whole');
  const { decision, after } = it.last;
  const memory = { ...after, window, estimate, ...(snapshotAt === undefined ? {} : { snapshotAt }) };
  const text = JSON.stringify(statusOf({ generation: 12, decision, memory, now: T0 }));
  assert.ok(Buffer.byteLength(text) <= 4_096, `${Buffer.byteLength(text)} bytes`);
  const back = memoryFrom(parseStatus(text));
  assert.deepEqual(back.estimate, estimate);
  assert.ok(back.chaos!.recent.length >= 2, `${back.chaos!.recent.length} reports are kept`);
});

test('damaged parts are left out, whatever they are, and each is named', () => {
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  for (const runs of [null, 7, 'x', [null, 7, {}, { id: 'a' }, { id: 'a', startedAt: 'never', phase: 'active' }]]) {
    const before = warnings.length;
    assert.deepEqual(parseStoredRuns(runs, warn), []);
    assert.ok(warnings.length > before, JSON.stringify(runs));
  }
  for (const chaos of [null, 7, { lookedAt: 'x', due: { a: 'x' }, answers: 3, held: { count: 'x' } }]) {
    const before = warnings.length;
    const memory = chaosFrom([], parseStoredChaos(chaos, warn));
    assert.deepEqual(memory?.answers, []);
    assert.deepEqual(memory?.due, {});
    assert.equal(memory?.held, undefined);
    assert.ok(warnings.length > before, JSON.stringify(chaos));
  }
  assert.deepEqual(parseStoredRuns(undefined, assert.fail), [], 'nothing stored is nothing damaged');
});

test('a status with many long reports fits a standard parameter, and keeps all that runs', () => {
  const it = lab({ type: 'partition', duration: '60s' });
  const { after, decision } = it.last;
  const [run] = after.chaos!.runs;
  const samples = Array.from({ length: 32 }, (_, i): [number, number, number, number] => [
    i * 100,
    10_000 + i,
    100,
    100,
  ]);
  const ended = Array.from(
    { length: 10 },
    (_, i): Run => ({ ...run!, id: `e${i}`, phase: 'ended', because: 'x'.repeat(300), samples }),
  );
  const memory = {
    ...after,
    chaos: {
      ...after.chaos!,
      runs: [
        { ...run!, samples },
        { ...run!, id: 'second' },
      ],
      recent: ended,
    },
  };
  const text = JSON.stringify(statusOf({ generation: 1, decision, memory, now: T0 }));
  assert.ok(Buffer.byteLength(text) <= 4_096, `${Buffer.byteLength(text)} bytes`);
  const back = memoryFrom(parseStatus(text));
  assert.deepEqual(
    back.chaos?.runs.map((r) => r.id),
    [run!.id, 'second'],
  );
  assert.ok((back.chaos?.recent.length ?? 0) >= 1, 'and at least the newest report');
});

test.run();
