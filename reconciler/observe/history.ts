import {
  GetMetricDataCommand,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import type { Instant } from '../../policies/observation.ts';
import type { Aws } from '../aws/client.ts';

/** A queue's past, minute by minute. Minutes without a point count 0: SQS publishes none while a queue is inactive. */
export interface QueueHistory {
  from: Instant;
  /** Messages sent in each minute. */
  sent: number[];
  /** Mean seconds from receive to delete, by Little's law; undefined when nothing was deleted. */
  serviceSeconds: number | undefined;
}

/** CloudWatch keeps points of one minute for 15 days (its user guide, "Metrics retention"). */
export const LONGEST_HISTORY_MS = 15 * 86_400_000;
const PERIOD_S = 60;

/** Reads `AWS/SQS` metrics of one queue from `since` to `now`, in as few calls as the pages allow. */
export async function readQueueHistory(
  aws: Aws,
  queueName: string,
  since: Instant,
  now: Instant,
): Promise<QueueHistory> {
  const from = Math.floor(since / 60_000) * 60_000;
  const minutes = Math.floor((now - from) / 60_000);
  const sums = { sent: new Array<number>(minutes).fill(0), deleted: 0, inFlight: 0 };
  let NextToken: string | undefined;
  do {
    const page: GetMetricDataCommandOutput = await aws.call(
      'cloudwatch',
      'cloudwatch:GetMetricData',
      new GetMetricDataCommand({
        StartTime: new Date(from),
        EndTime: new Date(from + minutes * 60_000),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [
          query('sent', 'NumberOfMessagesSent', 'Sum', queueName),
          query('deleted', 'NumberOfMessagesDeleted', 'Sum', queueName),
          query('inFlight', 'ApproximateNumberOfMessagesNotVisible', 'Average', queueName),
        ],
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const { Id, Timestamps = [], Values = [] } of page.MetricDataResults ?? [])
      for (const [i, at] of Timestamps.entries()) {
        const value = Values[i] ?? 0;
        const minute = Math.floor((at.getTime() - from) / 60_000);
        if (Id === 'sent' && minute in sums.sent) sums.sent[minute]! += value;
        if (Id === 'deleted') sums.deleted += value;
        if (Id === 'inFlight') sums.inFlight += value * PERIOD_S;
      }
    NextToken = page.NextToken;
  } while (NextToken);
  const serviceSeconds = sums.deleted > 0 ? sums.inFlight / sums.deleted : undefined;
  return { from, sent: sums.sent, serviceSeconds };
}

function query(Id: string, MetricName: string, Stat: string, queueName: string): MetricDataQuery {
  const Dimensions = [{ Name: 'QueueName', Value: queueName }];
  return { Id, MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions }, Period: PERIOD_S, Stat } };
}
