import { type MetricDataQuery, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
import type { Instant } from '../../policies/model/observation.ts';
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

/** Reads `AWS/SQS` metrics of one queue from `since` to `now`, in as few calls as the pages allow. `period` in seconds. */
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
  const sums = { sent: new Array<number>(periods).fill(0), deleted: 0, inFlight: 0 };
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
  for (const { Id, Timestamps = [], Values = [] } of pages.flatMap(({ MetricDataResults = [] }) => MetricDataResults))
    for (const [n, at] of Timestamps.entries()) {
      const value = Values[n] ?? 0;
      const i = Math.floor((at.getTime() - from) / length);
      if (Id === 'sent' && i in sums.sent) sums.sent[i]! += value;
      if (Id === 'deleted') sums.deleted += value;
      if (Id === 'inFlight') sums.inFlight += value * period;
    }
  const serviceSeconds = sums.deleted > 0 ? sums.inFlight / sums.deleted : undefined;
  return { from, sent: sums.sent, serviceSeconds };
}

function query(Id: string, MetricName: string, Stat: string, queueName: string, Period: number): MetricDataQuery {
  const Dimensions = [{ Name: 'QueueName', Value: queueName }];
  return { Id, MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions }, Period, Stat } };
}
