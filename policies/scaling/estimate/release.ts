import type { Estimate } from '../../model/estimate.ts';
import type { Instant } from '../../model/observation.ts';
import { highest } from '../peaks.ts';

/** A superfluous worker is kept for this many times the time that another one would take to start. */
const KEEP = 1.25;
/** This share of the fleet must be superfluous for it to shrink after the short time; less waits for the long time. */
const CLEARLY_TOO_MANY = 0.25;
/** At most this share of the fleet may be busy when much of it is removed: ECS may choose any task. */
const CALM = 0.3;

/** The count to go down to, and the reason why it is no lower. */
export interface Release {
  to: number;
  because: string;
}

/** Returns the seconds for which clearly superfluous workers are kept: a little longer than others would take to start. */
export const keepFor = (startUp: number, interval: number, target: number): number =>
  KEEP * Math.max(target, startUp + interval);

/**
 * Returns how far down the fleet may go, by the counts needed lately: to the largest of the `short` time (seconds) when that
 * frees much of the fleet and few workers are busy (or the busy ones are protected: `anyTime`), else to the largest of the long time, which is all that `held` keeps.
 */
export function release(
  { held, last }: Estimate,
  slots: number,
  current: number,
  short: number,
  anyTime: boolean,
): Release {
  const now = last.at;
  const recent = highest(held, now, short * 1_000) ?? held.at(-1)!;
  const largest = held[0]!;
  const ago = ([at]: [Instant, number]): string => `${Math.round((now - at) / 1_000)} s ago`;
  if (recent[1] <= current * (1 - CLEARLY_TOO_MANY)) {
    const busy = last.inFlight / slots;
    if (!anyTime && busy > CALM * current)
      return { to: current, because: `${Math.ceil(busy)} of ${current} are busy: the fleet shrinks when fewer are` };
    return { to: recent[1], because: `at most ${recent[1]} were needed in the last ${Math.round(short)} s` };
  }
  if (largest[1] < current)
    return { to: largest[1], because: `at most ${largest[1]} were needed since ${ago(largest)}` };
  return { to: current, because: `${recent[1]} were needed ${ago(recent)}, ${largest[1]} were needed ${ago(largest)}` };
}
