import { type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { Instant } from '../../policies/model/observation.ts';
import { metricPoints } from '../aws/border/cloudwatch.ts';
import type { Clients } from '../aws/clients.ts';
import { allPages } from '../aws/pages.ts';

/** A queue's past, period by period. Periods without a point count 0: SQS publishes none while a queue is inactive. */
export interface QueueHistory {
  from: Instant;
  /** Messages sent in each period. */
  sent: number[];
  /** Mean seconds from receive to delete, by Little's law; undefined when nothing was deleted. */
  serviceSeconds: number | undefined;
}

/** CloudWatch keeps points of one minute for 15 days (its user guide, "Metrics retention"). */
export const LONGEST_HISTORY_MS = 15 * 86_400_000;

/** Returns the past of one queue from the `AWS/SQS` metrics from `since` to `now`, in as few calls as the pages allow. `period` in seconds. */
export async function readQueueHistory(
  { cloudwatch }: Pick<Clients, 'cloudwatch'>,
  queueName: string,
  since: Instant,
  now: Instant,
  period = 60,
): Promise<QueueHistory> {
  const length = period * 1_000;
  const from = Math.floor(since / length) * length;
  const periods = Math.floor((now - from) / length);
  const input = {
    StartTime: new Date(from),
    EndTime: new Date(from + periods * length),
    ScanBy: 'TimestampAscending' as const,
    MetricDataQueries: [
      query('sent', 'NumberOfMessagesSent', 'Sum', queueName, period),
      query('deleted', 'NumberOfMessagesDeleted', 'Sum', queueName, period),
      query('inFlight', 'ApproximateNumberOfMessagesNotVisible', 'Average', queueName, period),
    ],
  };
  const pages = await allPages('cloudwatch:GetMetricData', paginateGetMetricData({ client: cloudwatch }, input));
  const points = metricPoints(pages, ['sent', 'deleted', 'inFlight']);
  const sent = new Array<number>(periods).fill(0);
  for (const { at, value } of points.get('sent') ?? []) {
    const i = Math.floor((at - from) / length);
    if (i in sent) sent[i] = (sent[i] ?? 0) + value;
  }
  const sum = (id: string): number => (points.get(id) ?? []).reduce((total, { value }) => total + value, 0);
  const deleted = sum('deleted');
  return { from, sent, serviceSeconds: deleted > 0 ? (sum('inFlight') * period) / deleted : undefined };
}

function query(Id: string, MetricName: string, Stat: string, queueName: string, Period: number): MetricDataQuery {
  const Dimensions = [{ Name: 'QueueName', Value: queueName }];
  return { Id, MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions }, Period, Stat } };
}
