import type { StrategyOf, WorkerPolicy } from '../../document/schema.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import { slotsOf } from './concurrency.ts';
import { timeToFirstReceive } from './deadline.ts';
import type { Estimate } from './estimate.ts';
import { forecastLoad, usualLoad } from './forecast.ts';
import { learn, smoothing } from './learn.ts';
import { keepFor, remember } from './release.ts';
import { cautiousServiceTime, serviceTime } from './service-time.ts';
import { type Sizes, sizes } from './size.ts';

/** What targetWait knows at one look, and what follows from it. Seconds, messages and workers. */
export interface Outlook {
  estimate: Estimate;
  target: number;
  slots: number;
  /** One message, on average; and the time to plan with. */
  service: number;
  plannedService: number;
  /** From asking for a worker to its first message. */
  startUp: number;
  /** Busy slots to expect when a worker asked for now has come. */
  load: number;
  /** Of it, what is usual at this time of day; 0 when nothing is known. */
  usual: number;
  sizes: Sizes;
  /** The most of the sizes. */
  needed: number;
  /** Seconds for which workers are kept that are clearly too many. */
  keep: number;
}

/** Learns from one look. Undefined when the policy has no targetWait, or the reads failed: they teach nothing. */
export function outlookOf(
  policy: WorkerPolicy,
  seen: Observation,
  before: Estimate | undefined,
  now: Instant,
): Outlook | undefined {
  const { strategies, maxWorkers, concurrency } = policy.spec.scaling;
  const spec = strategies.find((s): s is StrategyOf<'targetWait'> => s.type === 'targetWait');
  if (!spec) return undefined;
  const target = spec.targetWait / 1_000;
  const interval = policy.spec.interval / 1_000;
  const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
  const hints = { serviceTime: seconds(spec.serviceTime), startUp: seconds(spec.startUp), concurrency };
  const learned = learn(before, seen, target, hints, now);
  if (!learned) return undefined;
  const service = serviceTime(learned);
  const memory = smoothing(target, service);
  const startUp = timeToFirstReceive(learned);
  const usual = usualLoad(seen, service);
  const load = Math.max(usual, forecastLoad(learned, memory, service, startUp + interval));
  const found = sizes(learned, load, target, interval, maxWorkers);
  const needed = Math.max(found.waiting, found.burst, found.steady);
  return {
    estimate: { ...learned, held: remember(learned.held, needed, now, memory) },
    target,
    slots: slotsOf(learned.concurrency),
    service,
    plannedService: cautiousServiceTime(learned),
    startUp,
    load,
    usual,
    sizes: found,
    needed,
    keep: keepFor(learned.startUp.seconds, interval, target),
  };
}
