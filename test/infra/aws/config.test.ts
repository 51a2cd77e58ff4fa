/** A stack's configuration: what is wrong is told with its key. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { starterText } from '../../../infra/aws/components/parameters.ts';
import { parseConfig, type StackConfigInput } from '../../../infra/aws/config.ts';

const good: StackConfigInput = {
  image: 'sluice:1',
  policies: [{ name: 'a', queue: 'jobs', cluster: 'demo', service: 'workers' }],
};
const cases: [string, Record<string, unknown>, RegExp][] = [
  ['no image', { image: undefined }, /sluice:image/],
  ['an architecture that Fargate does not have', { architecture: 'arm' }, /sluice:architecture/],
  [
    'a memory that does not go with the CPU',
    { cpu: '1024', memory: 512 },
    /sluice:memory: Fargate offers 2048, 3072, 4096 MiB with 1024 CPU units, not 512 MiB/,
  ],
  [
    'a retention that CloudWatch Logs does not take',
    { logRetentionDays: 31 },
    /sluice:logRetentionDays: must be one of 1, 3/,
  ],
  ['no reconciler at all', { reconcilers: 0 }, /sluice:reconcilers/],
  ['a path without its slashes', { root: 'policies' }, /sluice:root: must be a parameter path/],
  ['every queue of the account', { queues: ['*'] }, /sluice:queues\.0: must be a name; a \* may end it/],
  ['a star in the middle', { services: [{ cluster: 'a*b', service: 'x' }] }, /sluice:services\.0\.cluster/],
  [
    'two policies of one name',
    { policies: [...good.policies!, ...good.policies!] },
    /sluice:policies: two policies are named a/,
  ],
  ['nothing to reach', { policies: [] }, /name at least one policy/],
  ['a demo upside down', { demo: { minWorkers: 5, maxWorkers: 1 } }, /sluice:demo: minWorkers must not be above/],
  ['a key that there is not', { faults: { stopTasks: true } }, /stopTasks/],
  ['an address that is none', { alarmEmails: ['me'] }, /sluice:alarmEmails\.0/],
  [
    'a boundary that is no ARN',
    { permissionsBoundary: 'boundary' },
    /sluice:permissionsBoundary: must be an ARN such as/,
  ],
  ['a role path without its slash', { rolePath: 'platform' }, /sluice:rolePath: must be an IAM path/],
  ['the namespace of AWS', { metricsNamespace: 'AWS/SQS' }, /does not start with AWS\//],
];
for (const [what, change, problem] of cases)
  test(`refused: ${what}`, () => {
    assert.throws(() => parseConfig({ ...good, ...change }), problem);
  });

test('defaults: nothing dangerous is on', () => {
  const { faults, demo, wakeUp, memory, reconcilers } = parseConfig(good);
  assert.deepEqual(faults, { stopTask: false, queuePolicy: false, securityGroup: false, flags: false, alarms: false });
  assert.deepEqual([demo, wakeUp, memory, reconcilers], [undefined, true, 512, 2]);
});

test('a starter policy keeps its comments and takes the names', () => {
  const text = starterText({ name: 'a', starter: 'threshold', queue: 'q', cluster: 'c', service: 's', maxWorkers: 3 });
  assert.match(text, /^# The plain rule/);
  assert.match(text, /name: a\n/);
  assert.match(text, /queue: \{ name: q \}/);
  assert.match(text, /maxWorkers: 3/);
});

test('a starter that there is not, and one whose result is not valid', () => {
  const names = { name: 'a', queue: 'q', cluster: 'c', service: 's' };
  assert.throws(() => starterText({ ...names, starter: 'treshold' }), /no starter policy "treshold"/);
  assert.throws(() => starterText({ ...names, starter: 'threshold', minWorkers: 30 }), /policy a:\n.*minWorkers/s);
});

test.run();
