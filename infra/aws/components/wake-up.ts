import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export interface WakeUpArgs {
  /**
   * The parameter paths whose changes wake the reconciler. The status path is not among them: Sluice writes there
   * itself.
   */
  prefixes: string[];
}

/** Returns the event pattern of EventBridge. Source: Systems Manager User Guide, "Parameter Store events". */
export function changePattern(prefixes: readonly string[]): object {
  return {
    source: ['aws.ssm'],
    'detail-type': ['Parameter Store Change'],
    detail: { name: prefixes.map((prefix) => ({ prefix })), operation: ['Create', 'Update', 'Delete'] },
  };
}

/**
 * Sends "Parameter Store Change" events to a queue that the reconciler polls, so that an edit takes effect at once. Delivery is
 * best effort, so an event only wakes: what changed is read from the parameters, and the slow poll stays.
 */
export class WakeUp extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;

  constructor(name: string, { prefixes }: WakeUpArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:WakeUp', name, {}, opts);
    const parent = { parent: this };
    this.queue = new aws.sqs.Queue(
      name,
      // An event that is minutes old tells nothing that the poll has not seen.
      {
        name,
        messageRetentionSeconds: 300,
        visibilityTimeoutSeconds: 30,
        receiveWaitTimeSeconds: 20,
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
        policy: pulumi.all([this.queue.arn, rule.arn]).apply(([queueArn, ruleArn]) =>
          JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Sid: 'ChangeEvents',
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sqs:SendMessage',
                Resource: queueArn,
                Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
              },
            ],
          }),
        ),
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
