/** The alarms of a stack, as data: the metrics that each one watches, and where the guide says what to do. */

/** A queue that a policy scales by, with the policy's name. */
export interface WatchedQueue {
  policy: string;
  queue: string;
}

/** A metric that CloudWatch Logs makes of the reconciler's JSON lines (docs/logging.md). */
export interface LogMetric {
  name: string;
  /** A filter pattern of CloudWatch Logs; each line that matches counts 1. */
  pattern: string;
  metric: string;
}

export interface AlarmSpec {
  name: string;
  description: string;
  namespace: string;
  metric: string;
  dimensions?: Record<string, string>;
  statistic: 'Sum' | 'Maximum';
  /** Seconds. */
  period: number;
  /** Periods that are looked at; all of them must be beyond the threshold. */
  periods: number;
  threshold: number;
  comparison: 'LessThanThreshold' | 'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold';
  missing: 'breaching' | 'notBreaching';
}

/** The metrics of a stack's own log. */
export const LOG_METRICS: readonly LogMetric[] = [
  { name: 'loop-silent', pattern: '{ $.msg = "decision" }', metric: 'Decisions' },
  { name: 'reads-failing', pattern: '{ $.msg = "read failed" }', metric: 'ReadsFailed' },
  { name: 'policy-refused', pattern: '{ $.msg = "policy refused" }', metric: 'PoliciesRefused' },
  {
    name: 'experiment-aborted',
    pattern: '{ ($.msg = "experiment ended") && ($.verdict = "aborted") }',
    metric: 'ExperimentsAborted',
  },
  {
    name: 'permission-missing',
    // The code is AWS's own; CloudWatch, ECS and SSM say AccessDeniedException, SQS may say AccessDenied.
    pattern: '{ ($.code = "AccessDeniedException") || ($.code = "AccessDenied") }',
    metric: 'PermissionsMissing',
  },
  { name: 'restarting', pattern: '{ $.msg = "started" }', metric: 'Starts' },
];

const MINUTE = 60;

/** True as soon as the log shows it once; true again every five minutes while it goes on. */
const seen = { statistic: 'Sum', period: 5 * MINUTE, periods: 1, threshold: 1, missing: 'notBreaching' } as const;
const atLeast = { comparison: 'GreaterThanOrEqualToThreshold' } as const;

/** Returns the alarms of the stack itself; `namespace` holds the metrics of its log. */
export function stackAlarms(namespace: string): AlarmSpec[] {
  const specs: Omit<AlarmSpec, 'namespace'>[] = [
    {
      name: 'loop-silent',
      description: 'No decision was logged for 5 minutes: nothing scales. docs/operations.md#loop-silent',
      metric: 'Decisions',
      statistic: 'Sum',
      period: MINUTE,
      periods: 5,
      threshold: 1,
      comparison: 'LessThanThreshold',
      // A log without any line is the case that this alarm exists for.
      missing: 'breaching',
    },
    {
      name: 'reads-failing',
      description:
        'A queue or a service could not be read for 5 minutes; its count is held. docs/operations.md#reads-failing',
      metric: 'ReadsFailed',
      ...seen,
      ...atLeast,
      period: MINUTE,
      periods: 5,
    },
    {
      name: 'policy-refused',
      description:
        'An edit of a policy is not valid; the last good version stays in force. docs/operations.md#policy-refused',
      metric: 'PoliciesRefused',
      ...seen,
      ...atLeast,
    },
    {
      name: 'experiment-aborted',
      description:
        'A safety limit stopped an experiment, and Sluice reverted it. docs/operations.md#experiment-aborted',
      metric: 'ExperimentsAborted',
      ...seen,
      ...atLeast,
    },
    {
      name: 'permission-missing',
      description:
        'AWS refuses a call of the reconciler; the line names the action. docs/operations.md#permission-missing',
      metric: 'PermissionsMissing',
      ...seen,
      ...atLeast,
    },
    {
      name: 'restarting',
      description:
        'The reconciler started three times in 15 minutes: it ends again and again. docs/operations.md#restarting',
      metric: 'Starts',
      ...seen,
      ...atLeast,
      period: 15 * MINUTE,
      threshold: 3,
    },
  ];
  return specs.map((spec) => ({ ...spec, namespace }));
}

/** Returns the alarm on the oldest message of a policy's queue. `seconds` is the age that it fires above. */
export function ageAlarm({ policy, queue }: WatchedQueue, seconds: number): AlarmSpec {
  return {
    name: `${policy}-oldest-age`,
    description: `Messages wait longer than ${seconds} s in ${queue}. docs/operations.md#oldest-age`,
    namespace: 'AWS/SQS',
    metric: 'ApproximateAgeOfOldestMessage',
    dimensions: { QueueName: queue },
    statistic: 'Maximum',
    period: MINUTE,
    periods: 5,
    threshold: seconds,
    comparison: 'GreaterThanThreshold',
    // SQS publishes no age for an empty queue.
    missing: 'notBreaching',
  };
}
