import type { Estimate } from '../../model/estimate.ts';
import { lagToPlan } from './lag.ts';
import { waitingBySpan } from './spans.ts';

/** This many messages must have been received this many seconds from now. */
export interface Deadline {
  in: number;
  messages: number;
}

/** A worker is RUNNING a little before it takes its first message. */
export const FIRST_RECEIVE_S = 2;

/** Returns the messages to plan for, so that `messages` are received all but surely: receives vary by chance. */
const surely = (messages: number, reserve: number): number => messages + reserve * Math.sqrt(messages);

/** Returns the deadlines of the waiting messages: the target less the age of each, as far as it is known. */
export function deadlines(estimate: Estimate, target: number): Deadline[] {
  const { last, spans } = estimate;
  const until = target * 0.97 - lagToPlan(estimate, target);
  const found: Deadline[] = [];
  let before = 0;
  for (const { count, oldest, newest } of waitingBySpan(spans, last.visible, last.at, 2 * target)) {
    const middle = (oldest + newest) / 2;
    found.push({ in: until - middle, messages: before + count / 2 });
    before += count;
    found.push({ in: until - newest, messages: before });
  }
  return found;
}

export interface Fleet {
  estimate: Estimate;
  /** Messages that one worker handles at a time. */
  slots: number;
  /** Seconds for one message. */
  service: number;
}

/** Returns the seconds from the request for a worker to its first message. */
export const timeToFirstReceive = ({ startUp }: Estimate): number => startUp.seconds + FIRST_RECEIVE_S;

/**
 * Returns the messages that `workers` workers have received `seconds` from now, on average: idle slots take one at once,
 * starting workers as they come, new ones after the start-up time; each slot takes another one every service time.
 */
export function received({ estimate, slots, service }: Fleet, workers: number, seconds: number): number {
  const { last, starting } = estimate;
  const startUp = timeToFirstReceive(estimate);
  const running = Math.min(workers, last.running);
  let first = Math.max(0, running * slots - last.inFlight);
  let later = (running * slots * seconds) / service;
  let rest = workers - running;
  const come = (count: number, after: number): void => {
    if (seconds < after) return;
    first += count * slots;
    later += (count * slots * (seconds - after)) / service;
  };
  for (const [at, count] of starting) {
    const some = Math.min(rest, count);
    rest -= some;
    come(some, Math.max(1, startUp - (last.at - at) / 1_000));
  }
  come(rest, startUp);
  return first + later;
}

/**
 * Returns the fewest workers that meet every deadline, or `most` when even they do not suffice. A deadline that no worker
 * can meet any more counts as due when a new worker could first help. There is never more than one slot for each message.
 * `reserve` is in standard deviations.
 */
export function fewestForDeadlines(fleet: Fleet, all: readonly Deadline[], most: number, reserve: number): number {
  const soonest = timeToFirstReceive(fleet.estimate) + 1;
  const { visible, inFlight } = fleet.estimate.last;
  const enough = Math.min(most, Math.ceil((visible + inFlight) / fleet.slots));
  let low = 0;
  for (const { in: seconds, messages } of all) {
    if (messages < 0.5) continue;
    const at = Math.max(seconds, soonest);
    const planned = surely(messages, reserve);
    if (received(fleet, low, at) >= planned) continue;
    let high = enough;
    low++;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (received(fleet, middle, at) >= planned) high = middle;
      else low = middle + 1;
    }
    if (low >= enough) return enough;
  }
  return low;
}
