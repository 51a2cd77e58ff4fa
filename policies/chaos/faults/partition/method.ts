/** Everything that the three methods of a partition share. */
import { z } from 'zod';
import { duration } from '../../../grammar/fields.ts';
import type { RunContext } from '../../fault.ts';

/** Fields of each method's part of the document. */
export const cutOff = { type: z.literal('partition') };
export const cutOffFor = { duration: duration('how long workers are cut off', { min: '5s', max: '12h' }) };

/** Fields of each method's plan. */
export const cut = {
  /** The partition ends at this time (epoch ms). */
  until: z.number(),
};

export const lasts = ({ duration }: { duration: number }): number => duration;
export const isOver = ({ until }: { until: number }, { now }: RunContext): boolean => now >= until;

const GROWING_LOOKS = 3;

/**
 * Returns true when receives are seen to have stopped: CloudWatch's last minute holds none, or messages wait and none is
 * in flight, or more messages wait at each look, beyond one for each worker. Messages in flight alone prove little:
 * workers that are cut off cannot delete theirs either, which stay in flight until their visibility timeout.
 */
export function receivesStopped(_: unknown, { seen, run, now }: RunContext): boolean {
  if (run.injectedAt === undefined || now <= run.injectedAt || !seen.queue.ok) return false;
  const { visible, inFlight } = seen.queue.value;
  if (visible > 0 && inFlight === 0) return true;
  const { rates } = seen;
  if (rates?.ok && rates.value && rates.at > run.injectedAt && rates.value.received === 0) return true;
  const since = (run.injectedAt - run.startedAt) / 1_000;
  const looks = (run.samples ?? []).filter(([at]) => at >= since).map(([, waiting]) => waiting);
  const last = looks.slice(-GROWING_LOOKS);
  const grows = last.length === GROWING_LOOKS && last.every((n, i) => i === 0 || n > last[i - 1]!);
  return grows && visible > run.before.visible + run.before.desired;
}

/**
 * Returns true when a fault that stood before was missing in two looks in a row. One look may show an older state: SQS and SSM
 * answer from several machines.
 */
export const isGone = ({ stood, missing = 0 }: RunContext['run']): boolean => stood === true && missing >= 2;
