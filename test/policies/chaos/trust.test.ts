/** Experiments and a world that cannot be trusted: other versions, other people, defects, and times of blindness. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { settle } from '../../../policies/chaos/engine/settle.ts';
import { decide } from '../../../policies/decide.ts';
import type { ActionResult } from '../../../policies/model/action.ts';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';
import { look, memoryOf, T0 } from '../../support/policy.ts';

const FAULTS: [string, object][] = [
  ['drain', { type: 'drain', hold: '60s' }],
  ['queuePolicy', { type: 'partition', duration: '60s' }],
  ['securityGroup', { type: 'partition', method: 'securityGroup', securityGroups: ['sg-cut'], duration: '60s' }],
  ['processingFlag', { type: 'partition', method: 'processingFlag', parameter: '/f', duration: '60s' }],
];

/** A lab whose experiment is in place; the reconciler has just been killed. */
function killed(fault: object): Lab {
  const it = new Lab();
  it.start(chaosPolicy(experiment(fault)));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(14);
  assert.equal(it.last.after.chaos?.runs[0]?.phase, 'active');
  it.kill();
  return it;
}

interface Stored {
  experiments: Record<string, unknown>[];
}

/** Changes the stored status, as another version or an accident would. */
function edit(it: Lab, change: (run: Record<string, unknown>) => void): void {
  const status = JSON.parse(it.aws.status ?? '') as Stored;
  for (const run of status.experiments) change(run);
  it.aws.status = JSON.stringify(status);
}

for (const [name, fault] of FAULTS) {
  test(`${name}: a fault that this version does not know is reverted by its stored writes, and scaling goes on`, () => {
    const it = killed(fault);
    const before = { ...it.aws.standing() };
    edit(it, (run) => {
      run.fault = 'quake';
      run.injection = { magnitude: 7 };
    });
    it.start(chaosPolicy(experiment(fault)));
    it.pass(60);
    assert.notDeepEqual({ ...it.aws.standing(), desired: it.aws.desired }, { ...before, desired: 0 });
    assert.equal(it.aws.denied, false);
    assert.deepEqual(it.aws.groups, ['sg-workers']);
    assert.equal(it.aws.flag, 'running');
    assert.equal(it.aws.desired, 4);
    assert.equal(it.ended.at(-1)?.verdict, 'interrupted');
    it.aws.visible = 100;
    it.pass(30);
    assert.equal(it.aws.desired, 11, 'the scaling rules decide again: 100 visible and 2 in flight');
  });

  test(`${name}: a run without its measurements is reverted, not continued`, () => {
    const it = killed(fault);
    edit(it, (run) => {
      for (const key of ['before', 'peak', 'hypothesis', 'spec', 'trigger']) delete run[key];
      run.handedOver = true;
    });
    it.start(chaosPolicy(experiment(fault)));
    it.pass(60);
    assert.equal(it.aws.denied, false);
    assert.deepEqual([it.aws.groups, it.aws.flag, it.aws.desired], [['sg-workers'], 'running', 4]);
    assert.equal(it.ended.at(-1)?.verdict, 'interrupted');
  });
}

test('the value that somebody else gave the flag stays', () => {
  const it = killed(FAULTS[3]![1]);
  it.aws.flag = 'paused by ops';
  it.start(chaosPolicy(experiment(FAULTS[3]![1])));
  it.pass(60);
  assert.equal(it.aws.flag, 'paused by ops');
  assert.equal(it.last.after.chaos?.runs.length, 0);
});

test('a flag that somebody sets during the experiment ends it, and stays', () => {
  const it = new Lab();
  it.start(chaosPolicy(experiment(FAULTS[3]![1])));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(14);
  it.aws.flag = 'stopped by ops';
  it.pass(30);
  assert.equal(it.aws.flag, 'stopped by ops');
  assert.match(it.ended[0]?.because ?? '', /somebody set \/f to "stopped by ops"/);
});

test('the security groups that somebody else set stay', () => {
  const it = killed(FAULTS[2]![1]);
  it.aws.groups = ['sg-theirs'];
  it.start(chaosPolicy(experiment(FAULTS[2]![1])));
  it.pass(60);
  assert.deepEqual(it.aws.groups, ['sg-theirs']);
  assert.equal(it.last.after.chaos?.runs.length, 0);
});

test('a process that saw nothing for more than two ticks cannot judge', () => {
  const it = new Lab();
  it.start(chaosPolicy({ ...experiment({ type: 'drain', hold: '20s' }), stopWhen: { failedTicks: 50 } }));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(14);
  it.aws.failReads = true;
  it.pass(35);
  it.aws.failReads = false;
  it.pass(60);
  assert.equal(it.ended[0]?.verdict, 'inconclusive', it.ended[0]?.because);
  assert.match(it.ended[0]?.because ?? '', /^nothing was seen for \d+s$/);
});

test('one missed tick is no blindness', () => {
  const it = new Lab();
  it.start(chaosPolicy({ ...experiment({ type: 'drain', hold: '20s' }), stopWhen: { failedTicks: 50 } }));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(14);
  it.aws.failReads = true;
  it.pass(10);
  it.aws.failReads = false;
  it.pass(60);
  assert.equal(it.ended[0]?.verdict, 'passed', it.ended[0]?.because);
});

test('a limit that was seen to be exceeded fails, whatever was not seen', () => {
  const it = new Lab();
  const fault = { type: 'drain', hold: '20s' };
  it.start(chaosPolicy({ ...experiment(fault, { hypothesis: { maxVisible: 50 } }), stopWhen: { failedTicks: 50 } }));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(14);
  it.aws.visible = 80;
  it.pass(10);
  it.aws.visible = 0;
  it.aws.failReads = true;
  it.pass(35);
  it.aws.failReads = false;
  it.pass(60);
  assert.equal(it.ended[0]?.verdict, 'failed');
});

test('a defect in the code of experiments leaves scaling going, and forgets no run', () => {
  const policy = chaosPolicy(experiment({ type: 'drain' }));
  const it = killed({ type: 'drain', hold: '60s' });
  const { chaos } = it.last.after;
  // A memory that no code of ours makes: reading it throws.
  const broken = {
    ...chaos!,
    due: Object.freeze({
      get x(): number {
        throw new Error('boom');
      },
    }),
  };
  const seen = look({ visible: 100, workers: 4 });
  const { decision, memory } = decide(policy, seen, memoryOf({ chaos: broken }), T0);
  assert.equal(decision.chaos?.failed, 'boom');
  assert.equal(decision.desired, 10);
  assert.equal(decision.outcome, 'scaleUp');
  assert.equal(memory.chaos?.runs.length, 1);
});

test('a defect while a fault notes its writes ends its own run; the others learn their results', () => {
  const it = new Lab();
  it.start(chaosPolicy(experiment({ type: 'stopTask', count: 1 })));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(4);
  const { chaos } = it.last.after;
  const [run] = [...chaos!.runs, ...chaos!.recent];
  const open = { ...run!, phase: 'injecting' as const, injection: { count: 1, tasks: ['a'], done: [] } };
  delete open.verdict;
  const runs = [open, { ...open, id: 'r2' }];
  const results = runs.map(({ id }, i): ActionResult => {
    const action = { kind: 'StopTask', taskArn: 'a', reason: '', run: id, purpose: 'inject' } as const;
    // An action that no code of ours makes: reading its task throws.
    const broken = Object.defineProperty({ ...action }, 'taskArn', {
      get: () => {
        throw new Error('boom');
      },
    });
    return { action: i === 0 ? broken : action, outcome: 'applied' };
  });
  const [first, second] = settle({ ...chaos!, runs }, results, T0).runs;
  assert.equal(first?.verdict, 'interrupted');
  assert.match(first?.because ?? '', /a defect of Sluice in the fault stopTask: boom/);
  assert.deepEqual([second?.verdict, second?.stopped], [undefined, 1]);
});

test.run();
