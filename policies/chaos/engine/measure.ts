import type { Instant, Observation } from '../../model/observation.ts';
import type { Run } from '../../model/run.ts';

const MOST_SAMPLES = 32;

/** A look is late when it comes this many intervals after the last one: more than two ticks were missed. */
const LATE = 3;

/**
 * Notes how long nothing was seen, when that was for more than two ticks. `interval` is the time between two ticks.
 * Changes `run`.
 */
export function watch(run: Run, seen: Observation, now: Instant, interval: number): void {
  const gap = now - (run.seenAt ?? now);
  if (gap >= LATE * interval) run.unseen = Math.max(run.unseen ?? 0, gap);
  if (seen.queue.ok && seen.service.ok) run.seenAt = now;
}

/** Adds one look to the run's peaks, dead letters and chart. Changes `run`. */
export function measure(run: Run, seen: Observation, now: Instant): void {
  if (!seen.queue.ok) return;
  const { visible } = seen.queue.value;
  const age = seen.age?.ok ? seen.age.value?.seconds : undefined;
  run.peak.visible = Math.max(run.peak.visible, visible);
  if (age !== undefined) run.peak.age = Math.max(run.peak.age ?? 0, age);
  const letters = seen.chaos?.deadLetters;
  if (letters?.ok && letters.value !== undefined && run.before.deadLetters !== undefined)
    run.deadLetters = Math.max(0, letters.value - run.before.deadLetters);
  if (!seen.service.ok) return;
  const { running, desired } = seen.service.value;
  run.samples ??= [];
  run.samples.push([Math.round((now - run.startedAt) / 1_000), visible, running, desired]);
  // Every other point goes when there are too many: the shape stays, at half the detail.
  if (run.samples.length > MOST_SAMPLES)
    run.samples = run.samples.filter((_, i, all) => i % 2 === 0 || i === all.length - 1);
}
