/** How much Sluice depends on an answer. Without a needed one the count is held; a tick goes on without an optional one. */
export type Need = 'needed' | 'optional' | 'write' | 'watch';

export interface Call {
  /** The operation, which is also the name of the SDK's command. */
  operation: string;
  service: 'sqs' | 'ecs' | 'cloudwatch' | 'ssm';
  need: Need;
  /** The use of the answer. */
  use: string;
}

/**
 * Every call that the reconciler makes. GetQueueAttributes and DescribeServices are also read for experiments, and then they
 * are optional to scaling.
 */
export const CALLS: readonly Call[] = [
  { service: 'sqs', operation: 'GetQueueUrl', need: 'needed', use: "the queue's URL" },
  { service: 'sqs', operation: 'GetQueueAttributes', need: 'needed', use: 'counts; policy and dead-letter queue' },
  { service: 'ecs', operation: 'DescribeServices', need: 'needed', use: 'counts and deployments; network' },
  { service: 'ecs', operation: 'ListTasks', need: 'optional', use: 'tasks that start; tasks to stop' },
  { service: 'ecs', operation: 'DescribeTasks', need: 'optional', use: 'tasks that start; tasks to stop' },
  { service: 'ecs', operation: 'GetTaskProtection', need: 'optional', use: 'tasks that protect themselves' },
  { service: 'ecs', operation: 'DescribeTaskDefinition', need: 'optional', use: "the tasks' role" },
  { service: 'cloudwatch', operation: 'GetMetricData', need: 'optional', use: 'age, rates, the usual load' },
  {
    service: 'cloudwatch',
    operation: 'DescribeAlarms',
    need: 'optional',
    use: 'alarms that pause scale-up or stop experiments',
  },
  { service: 'ssm', operation: 'GetParametersByPath', need: 'watch', use: 'policies, requests, orphans' },
  { service: 'ssm', operation: 'GetParameter', need: 'watch', use: 'status, older versions, flags, deleted policies' },
  { service: 'ssm', operation: 'GetParameterHistory', need: 'optional', use: 'versions on the page' },
  {
    service: 'ssm',
    operation: 'DescribeParameters',
    need: 'optional',
    use: 'the key of an encrypted policy that the page stores',
  },
  { service: 'sqs', operation: 'ReceiveMessage', need: 'watch', use: 'change events' },
  { service: 'sqs', operation: 'DeleteMessageBatch', need: 'watch', use: 'change events' },
  { service: 'ecs', operation: 'UpdateService', need: 'write', use: 'the count; security groups' },
  { service: 'ecs', operation: 'StopTask', need: 'write', use: 'the fault stopTask' },
  { service: 'sqs', operation: 'SetQueueAttributes', need: 'write', use: 'the fault partition by queue policy' },
  { service: 'ssm', operation: 'PutParameter', need: 'write', use: 'status; the fault partition by flag' },
];
