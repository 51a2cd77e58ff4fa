import type { AlertSpec, WorkerPolicy } from './document/schema.ts';
import { formatDuration } from './grammar/duration.ts';
import type { AlertMemory, Memory } from './model/memory.ts';
import type { Instant, Observation } from './model/observation.ts';

/** An alert of the policy whose condition holds now. */
export interface AlertState {
  name: string;
  severity: AlertSpec['severity'];
  /** False while the condition has not held for long enough yet. */
  firing: boolean;
  since: Instant;
  message: string;
}

/**
 * Which alerts hold, and what to remember of them. A number that could not be read leaves its alert as it was: silence
 * is neither an all-clear nor a fire.
 */
export function evaluateAlerts(
  policy: WorkerPolicy,
  seen: Observation,
  memory: Memory,
  now: Instant,
): { states: AlertState[]; memory: Record<string, AlertMemory> } {
  const states: AlertState[] = [];
  const next: Record<string, AlertMemory> = {};
  for (const spec of policy.spec.alerts) {
    const before = memory.alerts[spec.name];
    const value = measure(spec.metric, seen, memory);
    const holds = value === undefined ? before !== undefined : isOutside(spec, value);
    if (!holds) continue;
    const since = before?.since ?? now;
    const firing = before?.firing === true || now - since >= spec.for;
    next[spec.name] = { since, firing };
    states.push({ name: spec.name, severity: spec.severity, firing, since, message: describe(spec, value) });
  }
  return { states, memory: next };
}

function isOutside({ metric, above, below }: AlertSpec, value: number): boolean {
  const scale = metric === 'oldestAge' ? 1_000 : 1;
  return (above !== undefined && value * scale > above) || (below !== undefined && value * scale < below);
}

function describe(spec: AlertSpec, value: number | undefined): string {
  const say = (n: number): string => (spec.metric === 'oldestAge' ? formatDuration(n) : String(n));
  const limits = [
    spec.above === undefined ? '' : `above ${say(spec.above)}`,
    spec.below === undefined ? '' : `below ${say(spec.below)}`,
  ].filter(Boolean);
  const seen = value === undefined ? 'not readable now' : say(spec.metric === 'oldestAge' ? value * 1_000 : value);
  return `${spec.metric} is ${seen}; the alert is for ${limits.join(' or ')}`;
}

/** Seconds for oldestAge, else a plain number; undefined when it cannot be known now. */
function measure(metric: AlertSpec['metric'], seen: Observation, memory: Memory): number | undefined {
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
      return memory.failedTicks;
    case 'backlogPerWorker':
      return queue && service ? (queue.visible + queue.inFlight) / Math.max(1, service.running) : undefined;
    case 'oldestAge':
      if (queue && queue.visible + queue.inFlight + queue.delayed === 0) return 0;
      return seen.age?.ok ? seen.age.value?.seconds : undefined;
  }
}
