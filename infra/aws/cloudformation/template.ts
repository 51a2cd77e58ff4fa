/**
 * The stack as a CloudFormation template, for accounts without Pulumi. Grants, container, alarms and rules come from the
 * same lists as the Pulumi program's. Policies are not in it: an update of the stack would undo their live edits.
 */
import { SOMEWHERE } from '../blueprint/arns.ts';
import { commandEnvironment } from '../blueprint/names.ts';
import { reconcilerPermissions, reconcilerRefusals } from '../blueprint/permissions/reconciler.ts';
import { type Reach, scopeFrom } from '../blueprint/reach.ts';
import { leasing } from './lease.ts';
import { LEASES, LOG_GROUP, PATHS, WAKE_QUEUE } from './names.ts';
import { CONDITIONS, PARAMETERS } from './parameters.ts';
import { executionRole, taskRole } from './roles.ts';
import { service } from './service.ts';
import { attribute, ref, substitute, type Value } from './substitute.ts';
import { waking } from './wake-up.ts';
import { watching } from './watch.ts';

export interface Template {
  AWSTemplateFormatVersion: string;
  Description: string;
  Parameters: Record<string, Value>;
  Conditions: Record<string, Value>;
  Resources: Record<string, Value>;
  Outputs: Record<string, Value>;
}

/** Returns the template. @throws Error when the grants pass IAM's limits */
export function templateOf(reach: Reach): Template {
  const { queues, wakeUp } = reach;
  const scope = scopeFrom(reach, { home: SOMEWHERE, paths: PATHS, wakeQueue: WAKE_QUEUE, leaseTable: LEASES });
  const tasks = taskRole(reconcilerPermissions(scope), reconcilerRefusals(scope));
  // A pattern has no queue to watch yet.
  const watched = queues.filter((q) => !q.endsWith('*')).map((queue) => ({ policy: queue, queue }));
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'The Sluice reconciler as an ECS service, with the alarms that watch it',
    Parameters: PARAMETERS,
    Conditions: CONDITIONS,
    Resources: {
      ...tasks.resources,
      ...executionRole().resources,
      ...(wakeUp ? waking() : {}),
      ...leasing(),
      ...watching(watched),
      ...service({ wakeUp, after: tasks.granted }),
    },
    Outputs: {
      ServiceName: { Value: attribute('Service', 'Name') },
      TaskRoleArn: { Value: attribute('TaskRole', 'Arn') },
      ExecutionRoleArn: { Value: attribute('ExecutionRole', 'Arn') },
      SecurityGroupId: { Value: attribute('TaskSecurityGroup', 'GroupId') },
      LogGroupName: { Value: substitute(LOG_GROUP) },
      AlarmTopicArn: { Value: ref('AlarmTopic') },
      Environment: {
        Description: 'The settings of commands such as sluice status',
        Value: substitute(
          Object.entries(commandEnvironment(PATHS))
            .map(([variable, value]) => `${variable}=${value}`)
            .join(' '),
        ),
      },
    },
  };
}
