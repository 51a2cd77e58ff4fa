import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { CHANGES_QUEUE, changePattern, changesQueuePolicy } from '../blueprint/change-events.ts';

export interface WakeUpArgs {
  /**
   * The parameter paths whose changes wake the reconciler. The status path is not among them: Sluice writes there
   * itself.
   */
  prefixes: string[];
}

/**
 * Sends "Parameter Store Change" events to a queue that the reconciler polls, so that an edit takes effect at once.
 * Delivery is best effort, so an event only wakes: Sluice reads the parameters themselves, and the slow poll stays.
 */
export class WakeUp extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;

  constructor(name: string, { prefixes }: WakeUpArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:WakeUp', name, {}, opts);
    const parent = { parent: this };
    this.queue = new aws.sqs.Queue(
      name,
      {
        name,
        messageRetentionSeconds: CHANGES_QUEUE.retention,
        visibilityTimeoutSeconds: CHANGES_QUEUE.visibilityTimeout,
        receiveWaitTimeSeconds: CHANGES_QUEUE.wait,
        sqsManagedSseEnabled: true,
      },
      parent,
    );
    const rule = new aws.cloudwatch.EventRule(
      name,
      {
        name,
        description: 'Policy documents and requests of Sluice have changed',
        eventPattern: JSON.stringify(changePattern(prefixes)),
      },
      parent,
    );
    const policy = new aws.sqs.QueuePolicy(
      name,
      {
        queueUrl: this.queue.url,
        policy: pulumi
          .all([this.queue.arn, rule.arn])
          .apply(([queueArn, ruleArn]) => JSON.stringify(changesQueuePolicy(queueArn, ruleArn))),
      },
      parent,
    );
    new aws.cloudwatch.EventTarget(
      name,
      { rule: rule.name, targetId: 'wake-up', arn: this.queue.arn },
      { parent: this, dependsOn: [policy] },
    );
    this.registerOutputs({ queueUrl: this.queue.url });
  }
}
