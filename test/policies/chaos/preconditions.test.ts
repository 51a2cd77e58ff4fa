/** Tests what keeps an experiment from starting, what ends it early, and how people are answered. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';

const CUT = { type: 'partition', duration: '60s' };

function lab(chaos: object = {}, more: object = {}, spec: object = {}): Lab {
  const it = new Lab();
  it.start(chaosPolicy({ ...experiment(CUT, more), ...chaos }, spec));
  it.pass(15);
  return it;
}

const ask = (it: Lab, id = 'r1'): void => {
  it.ask({ id, experiment: 'x' });
  it.pass(3);
};

/** [precondition, the chaos section, what is different in the world, the experiment, the rest of the spec] */
const rows: [string, RegExp, object, (((it: Lab) => void) | undefined)?, object?, object?][] = [
  ['chaosEnabled', /spec\.chaos\.enabled is false/, { enabled: false }],
  ['experimentEnabled', /experiment x is switched off/, {}, undefined, { enabled: false }],
  [
    'mode',
    /spec\.mode is observe: nothing is injected; it would cut role\/worker off the queue for 1m/,
    {},
    undefined,
    {},
    { mode: 'observe' },
  ],
  [
    'activeHours',
    /it is tue 22:13 in UTC; active hours are 09:00 to 17:00/,
    { activeHours: { from: '09:00', to: '17:00' } },
  ],
  [
    'deployment',
    /a deployment is in progress/,
    {},
    (it) => {
      it.aws.deploying = true;
    },
  ],
  [
    'observed',
    /could not be read \(ThrottlingException\)/,
    {},
    (it) => {
      it.aws.failReads = true;
    },
  ],
  [
    'steady',
    /workers are running/,
    {},
    (it) => {
      it.aws.desired = 6;
    },
  ],
  [
    'stopWhen',
    /500 messages are visible, above stopWhen\.visible \(100\)/,
    { stopWhen: { visible: 100 } },
    (it) => {
      it.aws.visible = 500;
    },
    {},
    { scaling: { minWorkers: 4, maxWorkers: 4 } },
  ],
  [
    'stopWhen',
    /the CloudWatch alarm page is ALARM/,
    { stopWhen: { alarm: 'page' } },
    (it) => {
      it.aws.alarm = 'ALARM';
    },
  ],
];
for (const [precondition, because, chaos, change, more, spec] of rows)
  test(`${precondition} holds it back: ${because.source}`, () => {
    const it = lab(chaos, more, spec);
    change?.(it);
    ask(it);
    const answer = it.answer('r1');
    assert.equal(answer?.accepted, false);
    assert.match(answer?.because ?? '', because);
    assert.equal(answer?.precondition, precondition);
    assert.deepEqual(
      it.aws.writes.filter((w) => !w.startsWith('UpdateService')),
      [],
    );
  });

test('cooldown and maxConcurrent', () => {
  const it = lab({ cooldown: '10m' });
  ask(it);
  assert.equal(it.answer('r1')?.accepted, true);
  ask(it, 'r2');
  assert.match(it.answer('r2')?.because ?? '', /^x is running, and maxConcurrent is 1/);
  it.pass(120);
  assert.equal(it.ended.length, 1);
  ask(it, 'r3');
  assert.match(it.answer('r3')?.because ?? '', /^wait \d+m.*: experiment cooldown/);
  it.pass(600);
  ask(it, 'r4');
  assert.equal(it.answer('r4')?.accepted, true);
});

test('minHealthyWorkers: stopTask never leaves fewer', () => {
  const it = new Lab();
  it.start(chaosPolicy({ ...experiment({ type: 'stopTask', count: 2 }), minHealthyWorkers: 3 }));
  it.pass(15);
  ask(it);
  assert.match(
    it.answer('r1')?.because ?? '',
    /^stopping 2 of 4 running tasks leaves fewer than minHealthyWorkers \(3\)/,
  );
});

test('an unknown experiment: did you mean; an expired request: nothing; an id: once', () => {
  const it = lab();
  it.ask({ id: 'a', experiment: 'y' });
  it.pass(3);
  assert.match(it.answer('a')?.because ?? '', /no experiment y \(did you mean x\?\)/);
  it.ask({ id: 'b', experiment: 'x', expiresAt: it.aws.now - 1 });
  it.pass(3);
  assert.equal(it.answer('b'), undefined);
  ask(it, 'c');
  it.pass(100);
  ask(it, 'c');
  it.pass(100);
  assert.equal(it.ended.length, 1);
});

/** [what ends it, why] */
const ends: [string, (it: Lab) => void, RegExp][] = [
  ['chaos stop', (it) => it.ask({ id: 's', action: 'stop', by: 'ada' }), /stopped by ada/],
  [
    'the master switch',
    (it) => it.apply(chaosPolicy({ ...experiment(CUT), enabled: false })),
    /spec\.chaos\.enabled was set to false/,
  ],
  [
    'the single switch',
    (it) => it.apply(chaosPolicy(experiment(CUT, { enabled: false }))),
    /the experiment was switched off/,
  ],
  ['an edit', (it) => it.apply(chaosPolicy(experiment({ ...CUT, duration: '90s' }))), /the experiment was edited/],
  ['its deletion', (it) => it.apply(chaosPolicy({ experiments: [] })), /the experiment was deleted/],
  ['the mode', (it) => it.apply(chaosPolicy(experiment(CUT), { mode: 'observe' })), /spec\.mode was set to observe/],
  ['pause', (it) => it.apply(chaosPolicy(experiment(CUT), { mode: 'paused' })), /spec\.mode was set to paused/],
  ['the deletion of the policy', (it) => it.tell({ kind: 'deleted', name: 'jobs' }), /the policy was deleted/],
  ['SIGTERM', (it) => it.stop(), /shutdown/],
];
for (const [what, change, because] of ends)
  test(`${what} ends it, with a verified revert`, () => {
    const it = lab();
    const before = it.aws.standing();
    ask(it);
    assert.notDeepEqual(it.aws.standing(), before);
    change(it);
    it.pass(12);
    assert.deepEqual(it.aws.standing(), before);
    const [run] = it.ended;
    assert.equal(run?.verdict, 'aborted');
    assert.match(run?.because ?? '', because);
    assert.ok(run?.revertedAt, 'the revert was verified');
    assert.deepEqual(it.aws.writes, ['DenyQueue inject', 'AllowQueue revert']);
  });

for (const fault of [CUT, { ...CUT, method: 'securityGroup', securityGroups: ['sg-cut'] }])
  test(`somebody else's deployment ends ${JSON.stringify(fault)}; our own does not`, () => {
    const it = lab({ ...experiment(fault) });
    const before = it.aws.standing();
    ask(it);
    it.pass(10);
    assert.equal(it.ended.length, 0);
    it.aws.deployment++;
    it.pass(12);
    assert.match(it.ended[0]?.because ?? '', /somebody started a deployment \(ecs-svc\/\d\)/);
    assert.deepEqual(it.aws.standing(), before);
  });

/** [stop condition, what happens, why] */
const stops: [object, (it: Lab) => void, RegExp][] = [
  [
    { visible: 50 },
    (it) => {
      it.aws.visible = 51;
    },
    /51 messages are visible/,
  ],
  [
    { alarm: 'page' },
    (it) => {
      it.aws.alarm = 'ALARM';
    },
    /the CloudWatch alarm page is ALARM/,
  ],
  [
    { failedTicks: 3 },
    (it) => {
      it.aws.failReads = true;
    },
    /3 observations in a row failed/,
  ],
];
for (const [stopWhen, change, because] of stops)
  test(`stopWhen ${JSON.stringify(stopWhen)} aborts at once`, () => {
    const it = lab({ stopWhen });
    const before = it.aws.standing();
    ask(it);
    change(it);
    it.pass(12);
    assert.deepEqual(it.aws.standing(), before);
    it.aws.failReads = false;
    it.pass(5);
    assert.match(it.ended[0]?.because ?? '', because);
  });

test('a drain that never gets to 0 is given up at its timeout', () => {
  const it = new Lab();
  it.start(chaosPolicy(experiment({ type: 'drain', hold: '5s' }, { timeout: '20s' })));
  it.pass(15);
  it.ask({ id: 'r', experiment: 'x' });
  // A worker that never stops: something keeps starting it.
  const keep = it.aws.running[0]!;
  for (let i = 0; i < 20; i++) {
    it.pass(2);
    keep.goneAt = Number.POSITIVE_INFINITY;
  }
  assert.match(it.ended[0]?.because ?? '', /longer than its timeout of 20s/);
  assert.equal(it.aws.desired, 4);
});

for (const fault of [CUT, { type: 'drain' }, { type: 'stopTask', count: 1 }])
  test(`no write, no fault: ${fault.type} whose intent cannot be written does nothing, and says so`, () => {
    const it = lab({ ...experiment(fault) });
    it.aws.failStatus = true;
    ask(it);
    assert.match(
      it.answer('r1')?.because ?? '',
      /the plan could not be saved in the status parameter \(Rate exceeded\)/,
    );
    assert.equal(it.answer('r1')?.accepted, false);
    assert.deepEqual(it.aws.writes, []);
    assert.equal(it.last.after.chaos?.runs.length, 0);
  });

test('a fault that AWS refuses ends after three tries, and leaves nothing', () => {
  const it = lab();
  it.aws.failWrites = 'not authorized to perform sqs:SetQueueAttributes';
  ask(it);
  it.pass(5);
  it.aws.failWrites = undefined;
  it.pass(10);
  assert.equal(it.ended[0]?.verdict, 'aborted');
  assert.match(it.ended[0]?.because ?? '', /a write failed: not authorized/);
});

test('handed over on SIGTERM, the next process goes on, and reverts at the end', () => {
  const policy = chaosPolicy({ ...experiment(CUT), onShutdown: 'handOver' });
  const it = new Lab();
  it.aws.visible = 1;
  it.start(policy);
  it.pass(15);
  ask(it);
  it.pass(5);
  it.stop();
  it.pass(5);
  assert.equal(it.completed, true);
  assert.equal(it.aws.denied, true);
  it.start(policy);
  it.pass(20);
  assert.equal(it.aws.denied, true);
  assert.equal(it.ended.length, 0);
  it.pass(40);
  assert.equal(it.ended[0]?.verdict, 'passed', it.ended[0]?.because);
  assert.deepEqual(it.aws.writes, ['DenyQueue inject', 'AllowQueue revert']);
});

test('a policy that was deleted while nobody looked: its experiments are reverted', () => {
  const it = lab();
  const before = it.aws.standing();
  ask(it);
  it.kill();
  it.start();
  it.tell({ kind: 'orphaned', name: 'jobs', policy: chaosPolicy({ enabled: false }, { mode: 'paused' }) });
  it.pass(10);
  assert.deepEqual(it.aws.standing(), before);
  assert.equal(it.ended[0]?.verdict, 'interrupted');
});

test.run();
