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
  missing: 'breaching' | 'notBreaching' | 'ignore';
}

/** Events of the log that somebody should see once they happen. */
export const LOG_METRICS: readonly LogMetric[] = [
  {
    name: 'experiment-aborted',
    pattern: '{ ($.msg = "experiment ended") && ($.verdict = "aborted") }',
    metric: 'ExperimentsAborted',
  },
  { name: 'restarting', pattern: '{ $.msg = "started" }', metric: 'Starts' },
];

const MINUTE = 60;

/** An event: true for as many minutes as it is looked back at. */
const event = {
  statistic: 'Sum',
  period: 5 * MINUTE,
  periods: 1,
  threshold: 1,
  comparison: 'GreaterThanOrEqualToThreshold',
  missing: 'notBreaching',
} as const;
/**
 * A condition that lasts: the reconciler writes the number each minute (reconciler/report/stack-metrics.ts), and the alarm
 * stays on while it is above 0. Without numbers the alarm keeps its state; `loop-silent` tells that there are none.
 */
const lasting = {
  statistic: 'Maximum',
  period: MINUTE,
  periods: 2,
  threshold: 1,
  comparison: 'GreaterThanOrEqualToThreshold',
  missing: 'ignore',
} as const;

const guide = (place: string): string => `docs/operations.md#${place}`;

/** Starts of one task within 15 minutes that are too many. A deployment starts each task once, and a rollback once more. */
export const STARTS_OF_ONE_TASK = 3;

/** Returns the alarms of a stack of `tasks`; `namespace` holds the reconciler's metrics and those of its log. */
export function stackAlarms(namespace: string, tasks = 1): AlarmSpec[] {
  const specs: Omit<AlarmSpec, 'namespace'>[] = [
    {
      name: 'loop-silent',
      description: `No policy was evaluated for 5 minutes: nothing scales. ${guide('loop-silent')}`,
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
      ...lasting,
      name: 'reads-failing',
      description: `A queue or a service cannot be read for 5 minutes; its count is held. ${guide('reads-failing')}`,
      metric: 'PoliciesUnread',
      periods: 5,
    },
    {
      ...lasting,
      name: 'policy-refused',
      description: `An edit of a policy is not valid; the last good version stays in force. ${guide('policy-refused')}`,
      metric: 'PoliciesRefused',
    },
    {
      ...lasting,
      name: 'permission-missing',
      description: `AWS refuses calls of the reconciler; the log names them. ${guide('permission-missing')}`,
      metric: 'ActionsRefused',
    },
    {
      ...lasting,
      name: 'alert-firing',
      description: `An alert of a policy is firing; the log names it. ${guide('alert-firing')}`,
      metric: 'FiringAlerts',
    },
    {
      ...event,
      name: 'experiment-aborted',
      description: `A safety limit stopped an experiment, and Sluice reverted it. ${guide('experiment-aborted')}`,
      metric: 'ExperimentsAborted',
    },
    {
      ...event,
      name: 'restarting',
      description: `Three starts for each task of the reconciler in 15 minutes: it ends again and again. ${guide('restarting')}`,
      metric: 'Starts',
      period: 15 * MINUTE,
      threshold: STARTS_OF_ONE_TASK * tasks,
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
