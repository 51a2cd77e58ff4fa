/** The body of a stack's CloudWatch dashboard. Its graphs come from the log, so that they need no metrics of policies. */
import type { WatchedQueue } from './alarms.ts';

export interface DashboardArgs {
  region: string;
  /** The namespace of the stack's metrics. */
  namespace: string;
  queues: readonly WatchedQueue[];
  logGroup: string;
}

const WIDTH = 24;
const HEIGHT = 6;

/** The queries of the widgets on the log; `fields` of docs/logging.md that stand at the top of a line. */
export const QUERIES = {
  queue: (policy: string): string =>
    `filter msg = "decision" and policy = "${policy}" | stats max(visible) as waiting, max(inFlight) as in_flight by bin(1m)`,
  workers: (policy: string): string =>
    `filter msg = "decision" and policy = "${policy}" | stats max(desired) as wanted, max(running) as running_tasks by bin(1m)`,
  changes:
    'fields @timestamp, policy, summary | filter msg = "decision" and ispresent(actions.0) | sort @timestamp desc | limit 50',
  experiments:
    'fields @timestamp, policy, msg, experiment, verdict, summary | filter msg like /^experiment/ | sort @timestamp desc | limit 50',
  trouble:
    'fields @timestamp, policy, msg, problem, todo | filter level in ["warn", "error"] | sort @timestamp desc | limit 50',
};

/** Returns the dashboard: a row for the stack, one for each policy, then the log of changes, experiments and trouble. */
export function dashboardBody({ region, namespace, queues, logGroup }: DashboardArgs): object {
  const place = (row: number, column: number, columns: number) => ({
    x: (column * WIDTH) / columns,
    y: row * HEIGHT,
    width: WIDTH / columns,
    height: HEIGHT,
  });
  const graph = (row: number, column: number, title: string, metrics: unknown[][]): object => ({
    type: 'metric',
    ...place(row, column, 3),
    properties: { title, region, view: 'timeSeries', period: 60, stat: 'Maximum', metrics },
  });
  const log = (at: object, title: string, view: 'table' | 'timeSeries', query: string): object => ({
    type: 'log',
    ...at,
    properties: { title, region, view, query: `SOURCE '${logGroup}' | ${query}` },
  });
  const own = (metric: string): string[] => [namespace, metric];
  const stack = [
    graph(0, 0, 'Evaluations a minute', [[...own('Decisions'), { stat: 'Sum' }]]),
    graph(0, 1, 'Trouble', [own('PoliciesUnread'), own('PoliciesRefused'), own('ActionsRefused')]),
    graph(0, 2, 'Firing alerts', [own('FiringAlerts')]),
  ];
  const policies = queues.flatMap(({ policy, queue }, i) => [
    log(place(i + 1, 0, 3), `${policy}: messages`, 'timeSeries', QUERIES.queue(policy)),
    log(place(i + 1, 1, 3), `${policy}: workers`, 'timeSeries', QUERIES.workers(policy)),
    graph(i + 1, 2, `${policy}: oldest message, seconds`, [
      ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName', queue],
    ]),
  ]);
  const below = queues.length + 1;
  return {
    widgets: [
      ...stack,
      ...policies,
      log(place(below, 0, 1), 'Decisions that changed something', 'table', QUERIES.changes),
      log(place(below + 1, 0, 1), 'Experiments', 'table', QUERIES.experiments),
      log(place(below + 2, 0, 1), 'Warnings and errors', 'table', QUERIES.trouble),
    ],
  };
}
