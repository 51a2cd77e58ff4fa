/** Verdicts that are earned: a fault that others undid, and a partition with nothing to cut off, show nothing. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';

/** A lab whose experiment has run for 14 s. */
function running(fault: object): Lab {
  const it = new Lab();
  it.start(chaosPolicy(experiment(fault)));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(14);
  assert.equal(it.last.after.chaos?.runs[0]?.phase, 'active');
  return it;
}

const verdictOf = (it: Lab): unknown[] => [it.ended[0]?.verdict, it.ended[0]?.reason];
const cut = (more: object = {}): object => ({ type: 'partition', duration: '25s', ...more });

test("a queue policy that somebody rewrites without Sluice's statement: inconclusive, at once, and their policy stays", () => {
  const it = running(cut());
  const theirs = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'rewritten', Effect: 'Allow' }] });
  it.aws.policyText = theirs;
  it.pass(8);
  assert.deepEqual(verdictOf(it), ['inconclusive', 'undone']);
  assert.match(it.ended[0]?.because ?? '', /^undone by somebody else: somebody removed Sluice's statement/);
  it.pass(60);
  assert.equal(it.aws.policyText, theirs);
});

test('a flag that somebody resets to the former value, or deletes', () => {
  for (const value of ['running', undefined]) {
    const it = running(cut({ method: 'processingFlag', parameter: '/f' }));
    it.aws.flag = value;
    it.pass(8);
    assert.deepEqual(verdictOf(it), ['inconclusive', 'undone'], String(value));
    it.pass(60);
    assert.equal(it.aws.flag, value);
  }
});

test('security groups that somebody sets, other ones or the former ones', () => {
  for (const groups of [['sg-theirs'], ['sg-workers']]) {
    const it = running(cut({ method: 'securityGroup', securityGroups: ['sg-cut'], duration: '60s' }));
    it.aws.groups = groups;
    it.pass(8);
    assert.deepEqual(verdictOf(it), ['inconclusive', 'undone'], groups.join());
    it.pass(60);
    assert.deepEqual(it.aws.groups, groups);
  }
});

test('a count that somebody raises in a drain', () => {
  const it = running({ type: 'drain', hold: '60s' });
  it.aws.desired = 3;
  it.pass(4);
  assert.deepEqual(verdictOf(it), ['inconclusive', 'undone']);
  assert.match(it.ended[0]?.because ?? '', /set the desired count to 3 during the drain/);
});

test('a partition of a queue without messages shows nothing', () => {
  const it = new Lab();
  it.aws.visible = 0;
  it.start(chaosPolicy(experiment(cut({ method: 'processingFlag', parameter: '/f' }))));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(60);
  assert.deepEqual(verdictOf(it), ['inconclusive', 'noMessages'], it.ended[0]?.because);
});

test.run();
