/**
 * The process is killed at every single AWS call of every experiment, before the call's effect and after it, and started
 * again. Whatever happens: everything is back, nothing was injected twice, and the report says what happened.
 */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';

const FAULTS: [string, object][] = [
  ['stopTask', { type: 'stopTask', count: 2 }],
  ['drain', { type: 'drain', hold: '6s' }],
  ['partition by queuePolicy', { type: 'partition', duration: '8s' }],
  [
    'partition by securityGroup',
    { type: 'partition', method: 'securityGroup', securityGroups: ['sg-cut'], duration: '8s' },
  ],
  ['partition by processingFlag', { type: 'partition', method: 'processingFlag', parameter: '/f', duration: '8s' }],
];
/** Far more than any experiment here takes. */
const LIFE_S = 60;

function oneLife(fault: object, dieAt?: { call: number; after: boolean }) {
  const policy = chaosPolicy(experiment(fault));
  const it = new Lab();
  it.aws.visible = 1;
  it.start(policy);
  it.pass(15);
  const before = { ...it.aws.standing(), desired: it.aws.desired };
  const firstCall = it.aws.calls;
  let died = false;
  if (dieAt)
    it.aws.dieAt = {
      call: firstCall + dieAt.call,
      after: dieAt.after,
      process: it.process,
      died: () => {
        died = true;
      },
    };
  const expiresAt = it.aws.now + 300_000;
  it.ask({ id: 'r1', experiment: 'x', expiresAt });
  for (let i = 0; i < LIFE_S; i++) {
    it.pass(1);
    // Something starts the process again two seconds later, and the request is still there.
    if (died && !it.process.alive) {
      it.pass(2);
      it.start(policy);
      it.ask({ id: 'r1', experiment: 'x', expiresAt });
    }
  }
  const after = { ...it.aws.standing(), desired: it.aws.desired };
  return { it, died, before, after, calls: it.aws.calls - firstCall };
}

for (const [name, fault] of FAULTS)
  test(`${name}: killed at every call`, () => {
    const whole = oneLife(fault);
    assert.equal(whole.it.ended[0]?.verdict, 'passed', whole.it.ended[0]?.because);
    assert.deepEqual(whole.after, whole.before);
    const injections = (writes: string[]) => writes.filter((w) => w.endsWith(' inject')).length;
    const expected = injections(whole.it.aws.writes);
    let interrupted = 0;
    let deaths = 0;
    for (let call = 1; ; call++) {
      const lives = [true, false].map((after) => oneLife(fault, { call, after }));
      for (const [i, life] of lives.entries()) {
        const where = `${name}, killed ${i === 0 ? 'after' : 'before'} call ${call}`;
        assert.deepEqual(life.after, life.before, where);
        assert.equal(life.it.aws.denied, false, where);
        assert.ok(injections(life.it.aws.writes) <= expected, `${where}: ${life.it.aws.writes.join(', ')}`);
        assert.equal(life.it.last.after.chaos?.runs.length ?? 0, 0, `${where}: something still runs`);
        assert.equal(life.it.crashes.length, 0, `${where}: ${life.it.crashes[0]}`);
        const verdicts = (life.it.last.after.chaos?.recent ?? []).map((r) => r.verdict);
        assert.equal(verdicts.length, 1, `${where}: one report, not ${verdicts.join(', ')}`);
        if (verdicts[0] === 'interrupted') interrupted++;
        else assert.equal(verdicts[0], 'passed', `${where}: ${life.it.last.after.chaos?.recent[0]?.because}`);
        if (life.died) deaths++;
      }
      if (!lives[0]!.died || call > 40) break;
    }
    assert.ok(deaths >= 10, `${deaths} deaths were tried`);
    assert.ok(interrupted > 0, 'some deaths interrupt the run');
  });

test('a fault that is interrupted and never looked at again still expires by itself', () => {
  const it = new Lab();
  it.start(chaosPolicy(experiment({ type: 'partition', duration: '30s' })));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(5);
  assert.equal(it.aws.denied, true);
  it.kill();
  it.pass(20);
  assert.equal(it.aws.denied, true);
  it.pass(8);
  assert.equal(it.aws.denied, false);
});

test.run();
