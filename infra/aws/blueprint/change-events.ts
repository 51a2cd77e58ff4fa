/** The way of a changed parameter to the reconciler: an EventBridge rule, and a queue that the reconciler polls. */

/** Returns the event pattern of the rule. Source: Systems Manager User Guide, "Parameter Store events". */
export function changePattern(prefixes: readonly string[]): object {
  return {
    source: ['aws.ssm'],
    'detail-type': ['Parameter Store Change'],
    detail: { name: prefixes.map((prefix) => ({ prefix })), operation: ['Create', 'Update', 'Delete'] },
  };
}

/** Seconds. The poll of the parameters has seen everything that an older event could tell. */
export const CHANGES_QUEUE = { retention: 300, visibilityTimeout: 30, wait: 20 };

/** Returns the queue's policy: one rule may send to it. */
export function changesQueuePolicy(queueArn: unknown, ruleArn: unknown): object {
  return {
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
  };
}
