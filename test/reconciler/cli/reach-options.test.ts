/** The flags of `iam-policy` and `cloudformation`: what they mean, and what is told of those that mean nothing. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { type ReachOptions, reachOf } from '../../../reconciler/cli/reach-options.ts';
import { UsageError } from '../../../reconciler/text/user-error.ts';

const good: ReachOptions = {
  queue: ['jobs'],
  deadLetters: [],
  service: ['prod/workers'],
  fault: [],
  wakeUp: true,
  countOnly: true,
};

test('flags become a reach', () => {
  const { faults, services } = reachOf({ ...good, fault: ['stopTask', 'securityGroup=subnet-a+subnet-b'] });
  assert.deepEqual(services, [{ cluster: 'prod', service: 'workers' }]);
  assert.deepEqual(faults, {
    stopTask: true,
    queuePolicy: false,
    securityGroupSubnets: ['subnet-a', 'subnet-b'],
    flags: false,
    alarms: false,
  });
});

const wrong: [string, Partial<ReachOptions>, RegExp][] = [
  ['nothing to reach', { queue: [] }, /at least one --queue and one --service/],
  ['a service without its cluster', { service: ['workers'] }, /--service workers: must be CLUSTER\/SERVICE/],
  ['an ARN for a service', { service: ['arn:aws:ecs:eu-west-1:1:service/prod/workers'] }, /must be CLUSTER\/SERVICE/],
  ['every queue of the account', { queue: ['*'] }, /--queue \*: not a name/],
  ['a star in the middle', { queue: ['a*b'] }, /--queue a\*b: not a name/],
  ['a fault that there is not', { fault: ['stopTasks'] }, /--fault stopTasks: did you mean stopTask/],
  ['a fault without its subnets', { fault: ['securityGroup'] }, /name the subnets of the workers/],
  ['subnets that are none', { fault: ['securityGroup=vpc-1'] }, /--fault securityGroup vpc-1: not a name/],
];
for (const [what, change, message] of wrong)
  test(`refused: ${what}`, () => {
    assert.throws(
      () => reachOf({ ...good, ...change }),
      (error: unknown) => error instanceof UsageError && message.test(error.message),
    );
  });

test.run();
