import type { Span } from '../../model/estimate.ts';
import type { Instant } from '../../model/observation.ts';

/** At most this many spans are kept, whatever the interval is. */
const MOST_SPANS = 40;

/**
 * Returns the spans with one more, without those older than `keep` seconds. When looks come often, neighbors are joined, so
 * that the list stays short: a span is then at least a fortieth of `keep`.
 */
export function withSpan(spans: readonly Span[], span: Span, keep: number): Span[] {
  const since = span.end - keep * 1_000;
  let first = Math.max(0, spans.length + 1 - MOST_SPANS);
  while (first < spans.length && spans[first]!.end <= since) first++;
  const kept = spans.slice(first);
  const last = kept.at(-1);
  if (last && last.length + span.length <= keep / MOST_SPANS) {
    kept[kept.length - 1] = {
      end: span.end,
      length: last.length + span.length,
      arrived: last.arrived + span.arrived,
      work: last.work + span.work,
      expected: last.expected,
    };
    return kept;
  }
  kept.push(span);
  return kept;
}

/** Returns the work in message-seconds and the arrivals between two instants, and the seconds between them that the spans cover. */
export function between(
  spans: readonly Span[],
  from: Instant,
  to: Instant,
): { work: number; arrived: number; seconds: number } {
  let work = 0;
  let arrived = 0;
  let seconds = 0;
  for (const span of spans) {
    const start = span.end - span.length * 1_000;
    const inside = (Math.min(to, span.end) - Math.max(from, start)) / 1_000;
    if (inside <= 0 || span.length <= 0) continue;
    work += span.work * (inside / span.length);
    arrived += span.arrived * (inside / span.length);
    seconds += inside;
  }
  return { work, arrived, seconds };
}

/** A group of waiting messages, and the ages in seconds between which they are. */
export interface Waiting {
  count: number;
  oldest: number;
  newest: number;
}

/**
 * Returns the ages of `visible` messages, oldest first. First in, first out: the newest arrivals are the ones that still
 * wait. Messages older than every span are taken to be `beyond` seconds old.
 */
export function waitingBySpan(spans: readonly Span[], visible: number, now: Instant, beyond: number): Waiting[] {
  const groups: Waiting[] = [];
  let left = visible;
  for (let i = spans.length - 1; i >= 0 && left > 0; i--) {
    const span = spans[i]!;
    const count = Math.min(left, span.arrived);
    if (count <= 0) continue;
    const newest = (now - span.end) / 1_000;
    groups.push({ count, newest, oldest: newest + span.length * (count / span.arrived) });
    left -= count;
  }
  if (left > 0) groups.push({ count: left, oldest: beyond, newest: beyond });
  return groups.reverse();
}
