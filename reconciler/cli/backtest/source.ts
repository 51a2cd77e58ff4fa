import { parseDuration } from '../../../policies/grammar/duration.ts';
import { ask } from '../../aws/ask.ts';
import type { Trace } from '../../backtest/arrivals.ts';
import { generate } from '../../backtest/generate.ts';
import { readTrace } from '../../backtest/trace.ts';
import { LONGEST_HISTORY_MS, readQueueHistory } from '../../observe/history.ts';
import { UsageError, UserError } from '../../text/user-error.ts';
import { type ConnectOptions, connect } from '../connect.ts';
import { seconds } from './numbers.ts';

export interface SourceFlags extends ConnectOptions {
  trace?: string;
  generate?: string;
  fromCloudwatch?: string;
  since: string;
  duration?: string;
  seed: string;
}

/** A load. `own`: it is to be played unchanged. `service`: the service time that was observed with it. */
export interface Source {
  trace: Trace;
  own: boolean;
  service?: string;
}

/** Seconds of a generated load, unless a flag says. */
const GENERATED_S = 86_400;

/** Returns the load that the flags name. Throws UsageError unless they name exactly one. */
export async function sourceFrom(flags: SourceFlags): Promise<Source> {
  const given = [flags.trace, flags.generate, flags.fromCloudwatch].filter((f) => f !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      given.length === 0 ? 'a backtest needs a load' : 'a backtest takes one load, and several were given',
      'give one of --trace FILE, --generate SPEC, --from-cloudwatch QUEUE',
    );
  if (flags.trace !== undefined) return { trace: readTrace(flags.trace), own: false };
  if (flags.generate !== undefined) return { trace: generatedTrace(flags.generate, flags), own: true };
  return queuePast(flags.fromCloudwatch!, flags);
}

function generatedTrace(spec: string, { duration, seed }: SourceFlags): Trace {
  try {
    return generate(spec, duration === undefined ? GENERATED_S : seconds('duration', duration), Number(seed));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UsageError((error as Error).message, 'for example steady:1/s or bursts:0.5/s+100@15m');
  }
}

/** Returns what was really sent to a queue in the time before now, from its CloudWatch metrics. */
export async function queuePast(
  queue: string,
  { since, ...connection }: { since: string } & ConnectOptions,
): Promise<Source> {
  const ms = parseDuration(since);
  if (ms === undefined || ms < 120_000 || ms > LONGEST_HISTORY_MS)
    throw new UsageError(`--since ${since} is not a duration from 2m to 15d`, 'CloudWatch keeps minutes for 15 days');
  const now = Date.now();
  const { aws } = connect(connection);
  const { sent, serviceSeconds } = await ask('cloudwatch:GetMetricData', () =>
    readQueueHistory(aws, queue, now - ms, now),
  );
  if (!sent.some((count) => count > 0))
    throw new UserError(
      `CloudWatch holds no messages sent to ${queue} in the last ${since}`,
      'check the name and the region; SQS publishes nothing for a queue that is idle for six hours',
    );
  const trace = { name: `${queue}, last ${since}`, step: 60, counts: sent };
  return { trace, own: true, ...(serviceSeconds ? { service: `lognormal:${serviceSeconds.toFixed(2)}s/1` } : {}) };
}
