import type { AlertSpec } from './document/schema.ts';
import { formatDuration } from './grammar/duration.ts';
import type { AlertState } from './model/decision.ts';
import type { Instant, Observation } from './model/observation.ts';
import type { AlertMemory } from './model/record.ts';

/**
 * Returns the alerts that hold, and their memory. A number that could not be read leaves its alert as it was: silence is
 * neither an all-clear nor a fire.
 */
export function evaluateAlerts(
  specs: readonly AlertSpec[],
  seen: Observation,
  memory: Record<string, AlertMemory>,
  failedTicks: number,
  now: Instant,
): { states: AlertState[]; memory: Record<string, AlertMemory> } {
  const states: AlertState[] = [];
  const next: Record<string, AlertMemory> = {};
  for (const spec of specs) {
    const before = memory[spec.name];
    const value = measure(spec.metric, seen, failedTicks);
    const holds = value === undefined ? before !== undefined : isOutside(spec, value);
    if (!holds) continue;
    const since = before?.since ?? now;
    const firing = before?.firing === true || now - since >= spec.for;
    next[spec.name] = { since, firing };
    states.push({ name: spec.name, severity: spec.severity, firing, since, message: describe(spec, value) });
  }
  return { states, memory: next };
}

/** Limits of an age are durations in milliseconds; the age itself is in seconds. */
function isOutside({ metric, above, below }: Pick<AlertSpec, 'metric' | 'above' | 'below'>, value: number): boolean {
  const scale = metric === 'oldestAge' ? 1_000 : 1;
  return (above !== undefined && value * scale > above) || (below !== undefined && value * scale < below);
}

/** Words for each metric: the noun that follows its number, or the phrase that a duration completes. */
const NOUNS: Record<Exclude<AlertSpec['metric'], 'oldestAge'>, string> = {
  visible: 'visible',
  inFlight: 'in flight',
  backlogPerWorker: 'messages for each running worker',
  runningWorkers: 'running workers',
  desiredWorkers: 'desired workers',
  failedTicks: 'failed ticks in a row',
};

function describe({ metric, above, below }: AlertSpec, value: number | undefined): string {
  const isAge = metric === 'oldestAge';
  const show = (n: number): string => (isAge ? formatDuration(n) : String(Math.round(n * 100) / 100));
  const limits = [
    ...(above === undefined ? [] : [`above the limit of ${show(above)}`]),
    ...(below === undefined ? [] : [`below the limit of ${show(below)}`]),
  ];
  if (value === undefined) return `${metric} cannot be read now; before that it was ${limits.join(' or ')}`;
  const limit = above !== undefined && isOutside({ metric, above }, value) ? limits[0] : limits.at(-1);
  return isAge
    ? `the oldest message is ${formatDuration(value * 1_000)} old, ${limit}`
    : `${show(value)} ${NOUNS[metric]}, ${limit}`;
}

/** Returns seconds for oldestAge, else a plain number; undefined when it cannot be known now. */
function measure(metric: AlertSpec['metric'], seen: Observation, failedTicks: number): number | undefined {
  const queue = seen.queue.ok ? seen.queue.value : undefined;
  const service = seen.service.ok ? seen.service.value : undefined;
  switch (metric) {
    case 'visible':
      return queue?.visible;
    case 'inFlight':
      return queue?.inFlight;
    case 'runningWorkers':
      return service?.running;
    case 'desiredWorkers':
      return service?.desired;
    case 'failedTicks':
      return failedTicks;
    case 'backlogPerWorker':
      return queue && service ? (queue.visible + queue.inFlight) / Math.max(1, service.running) : undefined;
    case 'oldestAge':
      if (queue && queue.visible + queue.inFlight + queue.delayed === 0) return 0;
      return seen.age?.ok ? seen.age.value?.seconds : undefined;
  }
}
