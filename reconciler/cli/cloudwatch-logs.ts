import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { classify } from '../aws/errors.ts';
import { UserError } from '../text/user-error.ts';

export interface CloudWatchOptions {
  /** Epoch milliseconds; negative infinity stands for the last hour. */
  from: number;
  follow?: boolean;
  region?: string;
  client?: Pick<CloudWatchLogsClient, 'send'>;
  /** Milliseconds between two calls while following. */
  poll?: number;
  now?: () => number;
}

const HOUR_MS = 3_600_000;
const POLL_MS = 3_000;
/** Milliseconds that each call goes back: events may arrive late. Those that were given are skipped. */
const OVERLAP_MS = 30_000;

/** Yields the lines of a log group, oldest first. With `follow` it asks for more until the process ends. */
export async function* cloudWatchLines(logGroupName: string, options: CloudWatchOptions): AsyncGenerator<string> {
  const { follow, region, poll = POLL_MS, now = Date.now } = options;
  const client = options.client ?? new CloudWatchLogsClient({ ...(region ? { region } : {}), maxAttempts: 5 });
  let startTime = Number.isFinite(options.from) ? options.from : now() - HOUR_MS;
  const given = new Map<string, number>();
  for (;;) {
    let nextToken: string | undefined;
    do {
      const page = await client
        .send(new FilterLogEventsCommand({ logGroupName, startTime, ...(nextToken ? { nextToken } : {}) }))
        .catch((error: unknown) => {
          const { message, hint } = classify(error, 'logs:FilterLogEvents');
          throw new UserError(`${logGroupName}: ${message}`, hint);
        });
      for (const { eventId = '', message, timestamp = 0 } of page.events ?? []) {
        if (given.has(eventId)) continue;
        given.set(eventId, timestamp);
        if (message !== undefined) yield message.trimEnd();
      }
      nextToken = page.nextToken;
    } while (nextToken);
    if (!follow) return;
    startTime = Math.max(startTime, now() - OVERLAP_MS);
    for (const [id, at] of given) if (at < startTime) given.delete(id);
    await new Promise((resolve) => setTimeout(resolve, poll));
  }
}
