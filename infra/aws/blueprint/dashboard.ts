import type { WatchedQueue } from './alarms.ts';

export interface DashboardArgs {
  region: string;
  /** Namespace of the reconciler's own metrics. */
  namespace: string;
  queues: WatchedQueue[];
  logGroup: string;
}

const WIDTH = 24;
const HEIGHT = 6;

type Metric = (string | object)[];

/** Returns the body of a CloudWatch dashboard: a row for each policy, then the log of decisions and of experiments. */
export function dashboardBody({ region, namespace, queues, logGroup }: DashboardArgs): object {
  const graph = (row: number, column: number, title: string, metrics: Metric[]): object => ({
    type: 'metric',
    x: (column * WIDTH) / 3,
    y: row * HEIGHT,
    width: WIDTH / 3,
    height: HEIGHT,
    properties: { title, region, view: 'timeSeries', period: 60, metrics },
  });
  const rows = queues.flatMap(({ policy, queue }, row) => {
    const own = (metric: string, options: object = {}): Metric => [
      namespace,
      metric,
      'Policy',
      policy,
      { stat: 'Maximum', ...options },
    ];
    const sqs = (metric: string, options: object): Metric => ['AWS/SQS', metric, 'QueueName', queue, options];
    return [
      graph(row, 0, `${policy}: queue`, [
        own('VisibleMessages'),
        own('InFlightMessages'),
        sqs('ApproximateAgeOfOldestMessage', { stat: 'Maximum', yAxis: 'right', label: 'oldest, seconds' }),
      ]),
      graph(row, 1, `${policy}: workers`, [own('DesiredWorkers'), own('RunningWorkers')]),
      graph(row, 2, `${policy}: trouble`, [own('FailedTicks'), own('FiringAlerts')]),
    ];
  });
  const logs = (y: number, title: string, filter: string, fields: string): object => ({
    type: 'log',
    x: 0,
    y,
    width: WIDTH,
    height: HEIGHT,
    properties: {
      title,
      region,
      view: 'table',
      query: `SOURCE '${logGroup}' | fields ${fields} | filter ${filter} | sort @timestamp desc | limit 50`,
    },
  });
  const below = queues.length * HEIGHT;
  return {
    widgets: [
      ...rows,
      logs(
        below,
        'Decisions that changed something',
        'msg = "decision" and ispresent(actions.0)',
        '@timestamp, policy, summary',
      ),
      logs(below + HEIGHT, 'Experiments', 'msg like /^experiment/', '@timestamp, policy, msg, experiment, problem'),
      logs(
        below + 2 * HEIGHT,
        'Warnings and errors',
        'level in ["warn", "error"]',
        '@timestamp, policy, msg, problem, todo',
      ),
    ],
  };
}
