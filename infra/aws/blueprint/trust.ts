/**
 * Returns the trust policy of a task's role: only ECS tasks of this account take it on. The condition keeps other
 * accounts' services from borrowing the role (ECS Developer Guide, "Task IAM role").
 */
export function tasksOnly(accountId: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
      },
    ],
  };
}
