/** Each fault from request to verdict, on a small AWS in virtual time. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';

function lab(fault: object, more: object = {}, chaos: object = {}): Lab {
  const it = new Lab();
  it.start(chaosPolicy({ ...chaos, ...experiment(fault, more) }));
  it.pass(15);
  return it;
}

function runNow(it: Lab, seconds: number): void {
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(seconds);
}

test('stopTask: as many as asked, replaced by ECS, passed, no scale-in and no cooldown', () => {
  const it = lab({ type: 'stopTask', count: 2 });
  runNow(it, 30);
  assert.deepEqual(it.answer('r1')?.accepted, true, it.answer('r1')?.because);
  assert.deepEqual(it.aws.writes, ['StopTask inject', 'StopTask inject']);
  const [run] = it.ended;
  assert.equal(run?.verdict, 'passed', run?.because);
  assert.equal(run?.stopped, 2);
  assert.ok(run!.effectSeenAt! > run!.injectedAt!, 'the loss was seen');
  assert.ok(run!.recoveredAt! - run!.endedAt! >= 5_000, 'recovery waits for the replacements');
  assert.equal(it.aws.running.length, 4);
  assert.equal(it.last.after.lastScaleDown, undefined);
  assert.equal(it.last.after.lastScaleUp, undefined);
});

test('stopTask: percent, oldest and newest, and the same run chooses the same tasks', () => {
  const stopped = (fault: object): string[] => {
    const it = lab({ type: 'stopTask', ...fault });
    runNow(it, 4);
    return it.ticks.flatMap((t) => t.actions.flatMap((a) => (a.kind === 'StopTask' ? [a.taskArn.slice(-1)] : [])));
  };
  assert.deepEqual(stopped({ percent: 50, choose: 'oldest' }), ['1', '2']);
  assert.equal(stopped({ percent: 1 }).length, 1);
  assert.equal(new Set(stopped({ count: 2, choose: 'newest' })).size, 2);
  assert.deepEqual(stopped({ count: 2, choose: 'random' }), stopped({ count: 2, choose: 'random' }));
});

test('drain: to 0, hold, back to what the rules ask for by then, without starting a cooldown', () => {
  const it = lab({ type: 'drain', hold: '30s' });
  runNow(it, 10);
  assert.equal(it.aws.desired, 0);
  assert.equal(it.aws.running.length, 0);
  // Meanwhile the queue grows: the rules go on deciding, and the record shows it.
  it.aws.visible = 100;
  it.pass(10);
  const { decision } = it.last;
  assert.equal(decision.desired, 0);
  assert.equal(decision.guards.at(-1)?.guard, 'chaos');
  assert.equal(decision.guards.at(-1)?.from, 10);
  assert.match(decision.summary, /experiment x .* without the experiment: keeps 10 workers/);
  it.pass(20);
  assert.equal(it.aws.desired, 10);
  assert.equal(it.last.after.lastScaleDown, undefined);
  it.aws.visible = 10;
  it.pass(20);
  const [run] = it.ended;
  assert.equal(run?.verdict, 'passed', run?.because);
  assert.equal(it.aws.running.length, it.aws.desired);
  assert.deepEqual(it.aws.writes.slice(0, 2), ['UpdateService inject', 'UpdateService revert']);
  assert.equal(run?.peak.visible, 100);
});

/** Rows: the drain; busy workers; seconds to the restored count, at least and at most; the phrase about those that were left. */
const DRAINS: [fault: object, busy: number, least: number, most: number, left: RegExp | undefined][] = [
  [{ hold: '8s' }, 0, 8, 16, undefined],
  [{ hold: '8s' }, 1, 38, 44, /; 1 protected worker was still busy after 3[0-2]s$/],
  [{ hold: '8s' }, 3, 38, 44, /; 3 protected workers were still busy after 3[0-2]s$/],
  [{ hold: '8s', emptyWithin: '10s' }, 1, 18, 24, /; 1 protected worker was still busy after 1[0-2]s$/],
  [{ hold: '8s', emptyWithin: '0s' }, 1, 8, 16, / still running after \d+s, 1 of them protected$/],
];

for (const [fault, busy, least, most, left] of DRAINS)
  test(`drain ${JSON.stringify(fault)} with ${busy} busy workers ends in time`, () => {
    const it = lab({ type: 'drain', ...fault });
    it.aws.busy = busy;
    runNow(it, 90);
    const [run] = it.ended;
    assert.equal(run?.verdict, 'passed', run?.because);
    const took = (run!.endedAt! - run!.injectedAt!) / 1_000;
    assert.ok(took >= least && took <= most, `took ${took} s`);
    if (left) assert.match(run?.because ?? '', left);
    else assert.equal(run?.left, undefined);
    const said = it.ticks.filter(({ decision }) => /worker(s were| was) still/.test(decision.summary));
    assert.equal(said.length > 0, left !== undefined, 'the decisions meanwhile say it');
    assert.equal(it.aws.desired, 4);
  });

test('drain: a worker that nobody has asked about is left as a running one, and survives a restart in the record', () => {
  const it = lab({ type: 'drain', hold: '8s' });
  it.aws.busy = 1;
  it.aws.hidesProtection = true;
  runNow(it, 90);
  assert.deepEqual(it.ended[0]?.left?.workers, 1);
  assert.match(it.ended[0]?.because ?? '', /; 1 worker was still running after 3[0-2]s$/);
  it.kill();
  it.start(chaosPolicy(experiment({ type: 'drain', hold: '8s' })));
  it.pass(5);
  assert.equal(it.last.after.chaos?.recent[0]?.left?.workers, 1);
});

test('partition by queue policy: one statement, aimed at the workers, that expires; the others stay byte for byte', () => {
  const it = lab({ type: 'partition', duration: '20s' });
  const before = it.aws.policyText;
  runNow(it, 4);
  const added = it.aws.policyText.replace(/,\{"Sid":"SluiceChaos.*?"\}\}\}/, '');
  assert.equal(added, before);
  const ours = JSON.parse(it.aws.policyText).Statement.at(-1);
  assert.deepEqual(
    { ...ours, Sid: '' },
    {
      Sid: '',
      Effect: 'Deny',
      Principal: '*',
      Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      Resource: 'arn:aws:sqs:us-east-1:000000000000:jobs',
      Condition: {
        ArnLike: { 'aws:PrincipalArn': ['arn:aws:iam::000000000000:role/worker'] },
        DateLessThan: { 'aws:CurrentTime': ours.Condition.DateLessThan['aws:CurrentTime'] },
      },
    },
  );
  it.aws.visible = 5;
  it.pass(15);
  assert.equal(it.aws.denied, true);
  it.pass(3);
  it.aws.visible = 0;
  it.pass(10);
  assert.equal(it.aws.policyText, before);
  const [run] = it.ended;
  assert.equal(run?.verdict, 'passed', run?.because);
  assert.ok(run!.effectSeenAt! > run!.injectedAt!, 'seen to bite when nobody holds a message');
});

test("partition by queue policy: somebody else's edit during the run is kept", () => {
  const it = lab({
    type: 'partition',
    duration: '20s',
    denySend: true,
    principals: ['arn:aws:iam::000000000000:role/other'],
  });
  runNow(it, 4);
  const ours = JSON.parse(it.aws.policyText).Statement.at(-1);
  assert.ok(ours.Action.includes('sqs:SendMessage'), 'denySend');
  it.aws.policyText = it.aws.policyText.replace('"Sid":"theirs"', '"Sid":"edited"');
  it.pass(40);
  assert.deepEqual(
    JSON.parse(it.aws.policyText).Statement.map((s: { Sid: string }) => s.Sid),
    ['edited'],
  );
});

test('partition by queue policy: refused when the policy has no room', () => {
  const it = lab({ type: 'partition', duration: '20s' });
  it.aws.policyText = JSON.stringify({ Statement: [{ Sid: 'big', Note: 'x'.repeat(8_000) }] });
  runNow(it, 4);
  assert.match(it.answer('r1')?.because ?? '', /^the queue's policy would have \d+ bytes \(SQS allows 8192\)/);
  assert.deepEqual(it.aws.writes, []);
});

test('partition by security group: swapped, and put back as it was', () => {
  const it = lab({ type: 'partition', method: 'securityGroup', securityGroups: ['sg-cut'], duration: '20s' });
  runNow(it, 6);
  assert.deepEqual(it.aws.groups, ['sg-cut']);
  it.pass(40);
  assert.deepEqual(it.aws.groups, ['sg-workers']);
  assert.equal(it.ended[0]?.verdict, 'passed', it.ended[0]?.because);
});

test('partition by flag: a value that carries its end, and what stood there before', () => {
  const it = lab({ type: 'partition', method: 'processingFlag', parameter: '/flags/jobs', duration: '20s' });
  it.aws.flag = 'on';
  it.aws.visible = 1;
  runNow(it, 6);
  assert.match(it.aws.flag ?? '', /^paused until 20/);
  it.pass(40);
  assert.equal(it.aws.flag, 'on');
  assert.equal(it.ended[0]?.verdict, 'passed', it.ended[0]?.because);
});

test('a hypothesis that does not hold fails, with what was and what was expected', () => {
  const it = lab({ type: 'drain', hold: '10s' }, { hypothesis: { recoversWithin: '3s', maxVisible: 50 } });
  runNow(it, 8);
  it.aws.visible = 80;
  it.pass(60);
  const [run] = it.ended;
  assert.equal(run?.verdict, 'failed');
  assert.match(run?.because ?? '', /not recovered within 3s; 80 messages were visible \(expected at most 50\)/);
});

test('dead letters that came meanwhile are counted', () => {
  const it = lab({ type: 'drain', hold: '10s' });
  it.aws.deadLetters = 3;
  runNow(it, 10);
  it.aws.deadLetters = 5;
  it.pass(40);
  assert.equal(it.ended[0]?.deadLetters, 2);
});

test.run();
