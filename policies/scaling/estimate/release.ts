import type { Instant } from '../../model/observation.ts';
import type { Estimate } from './estimate.ts';

/** A worker that is not needed is kept for so many times the time that another one would take to come. */
const KEEP = 1.25;
/** What of the fleet must be too much before it shrinks after that short time; less waits for the long time. */
const CLEARLY_TOO_MANY = 0.25;
/** Of the fleet, at most this share may be busy when much of it goes: ECS may choose any. */
const CALM = 0.3;

/** The count to go down to, and what keeps it there. */
export interface Release {
  to: number;
  because: string;
}

/** Seconds for which workers are kept that are clearly too many: as long as others would take to come, and then half. */
export const keepFor = (startUp: number, interval: number, target: number): number =>
  KEEP * Math.max(target, startUp + interval);

/** The counts needed lately, with one more. Those that a later and larger one has overtaken are dropped. */
export function remember(held: Estimate['held'], count: number, now: Instant, seconds: number): Estimate['held'] {
  const kept = held.filter(([at, value]) => at > now - seconds * 1_000 && value > count);
  kept.push([now, count]);
  return kept;
}

/**
 * How far down the fleet may go, by what was needed lately: to the most of the `short` time when that frees much of the fleet
 * and few are busy, else to the most of the long time, which is all that `held` remembers.
 */
export function release({ held, last }: Estimate, slots: number, current: number, short: number): Release {
  const now = last.at;
  const recent = held.find(([at]) => at > now - short * 1_000) ?? held.at(-1)!;
  const ever = held[0]!;
  const ago = ([at]: [Instant, number]): string => `${Math.round((now - at) / 1_000)} s ago`;
  if (recent[1] <= current * (1 - CLEARLY_TOO_MANY)) {
    const busy = last.inFlight / slots;
    if (busy > CALM * current)
      return { to: current, because: `${Math.ceil(busy)} of ${current} are busy: the fleet shrinks when it is calmer` };
    return { to: recent[1], because: `${recent[1]} is the most that was needed in the last ${Math.round(short)} s` };
  }
  if (ever[1] < current) return { to: ever[1], because: `no more than ${ever[1]} was needed since ${ago(ever)}` };
  return { to: current, because: `${recent[1]} was needed ${ago(recent)}, ${ever[1]} was needed ${ago(ever)}` };
}
