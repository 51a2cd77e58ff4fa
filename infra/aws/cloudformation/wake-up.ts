/** The resources by which a changed parameter wakes the reconciler. */
import { CHANGES_QUEUE, changePattern, changesQueuePolicy } from '../blueprint/change-events.ts';
import { PATHS, WAKE_QUEUE } from './names.ts';
import { attribute, ref, substitute, type Value } from './substitute.ts';

export function waking(): Record<string, Value> {
  return {
    ChangesQueue: {
      Type: 'AWS::SQS::Queue',
      // An event that is lost costs one poll.
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: {
        QueueName: substitute(WAKE_QUEUE),
        MessageRetentionPeriod: CHANGES_QUEUE.retention,
        VisibilityTimeout: CHANGES_QUEUE.visibilityTimeout,
        ReceiveMessageWaitTimeSeconds: CHANGES_QUEUE.wait,
        SqsManagedSseEnabled: true,
      },
    },
    ChangesRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Description: 'Policy documents and requests of Sluice have changed',
        EventPattern: substitute(changePattern([PATHS.policies, PATHS.requests])),
        Targets: [{ Id: 'wake-up', Arn: attribute('ChangesQueue', 'Arn') }],
      },
    },
    ChangesQueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [ref('ChangesQueue')],
        PolicyDocument: substitute(
          changesQueuePolicy(attribute('ChangesQueue', 'Arn'), attribute('ChangesRule', 'Arn')),
        ),
      },
    },
  };
}
