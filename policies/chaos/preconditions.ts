/** What must hold before an experiment may start. The first rail that does not hold is named in the record. */
import type { WorkerPolicy } from '../document/schema.ts';
import { formatDuration } from '../grammar/duration.ts';
import type { Instant, Observation } from '../model/observation.ts';
import type { ChaosMemory } from './run.ts';
import type { ChaosSpec, ExperimentSpec } from './schema.ts';

export interface RailContext {
  policy: WorkerPolicy;
  experiment: ExperimentSpec;
  seen: Observation;
  memory: ChaosMemory;
  now: Instant;
  /** The scaling rules change the count in this tick. */
  scaling: boolean;
}

export interface Blocked {
  precondition: string;
  because: string;
}

type Precondition = (context: RailContext) => string | undefined;

const preconditions: readonly (readonly [string, Precondition])[] = [
  ['chaosEnabled', ({ policy }) => (policy.spec.chaos.enabled ? undefined : 'spec.chaos.enabled is false')],
  ['experimentEnabled', ({ experiment: e }) => (e.enabled ? undefined : `experiment ${e.name} is switched off`)],
  [
    'mode',
    ({ policy: { spec } }) => (spec.mode === 'enforce' ? undefined : `spec.mode is ${spec.mode}: nothing is injected`),
  ],
  ['activeHours', ({ policy: { spec }, now }) => outsideHours(spec.chaos.activeHours, now)],
  ['cooldown', inCooldown],
  [
    'maxConcurrent',
    ({ policy: { spec }, memory }) =>
      memory.runs.length < spec.chaos.maxConcurrent
        ? undefined
        : `${memory.runs.map((r) => r.experiment).join(', ')} runs, and maxConcurrent is ${spec.chaos.maxConcurrent}`,
  ],
  ['observed', notObserved],
  [
    'deployment',
    ({ seen }) => (seen.service.ok && seen.service.value.deploying ? 'a deployment is in progress' : undefined),
  ],
  ['steady', notSteady],
  ['stopWhen', (context) => stopReason(context)],
];

/** The first rail that holds the experiment back; undefined when none does. */
export function blockedBy(context: RailContext): Blocked | undefined {
  for (const [precondition, check] of preconditions) {
    const because = check(context);
    if (because) return { precondition, because };
  }
  return undefined;
}

/** Rails that open by themselves within a minute or so: a scheduled occurrence waits a little for them. */
export const PATIENT_PRECONDITIONS: ReadonlySet<string> = new Set([
  'steady',
  'deployment',
  'observed',
  'maxConcurrent',
]);

function outsideHours(hours: ChaosSpec['activeHours'], now: Instant): string | undefined {
  if (!hours) return undefined;
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: hours.timezone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const time = `${parts.hour}:${parts.minute}`;
  const day = String(parts.weekday).toLowerCase();
  const { from, to, days, timezone } = hours;
  // A window that ends before it starts runs over midnight, and belongs to the day on which it starts.
  const within = from <= to ? time >= from && time < to : time >= from || time < to;
  const startDay = from > to && time < to ? dayBefore(day) : day;
  if (within && (days as readonly string[]).includes(startDay)) return undefined;
  return `it is ${day} ${time} in ${timezone}; active hours are ${from} to ${to} on ${days.join(', ')}`;
}

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const dayBefore = (day: string): string => WEEK[(WEEK.indexOf(day) + 6) % 7]!;

function inCooldown({ policy: { spec }, memory, now }: RailContext): string | undefined {
  const { cooldown } = spec.chaos;
  const left = memory.lastEndedAt === undefined ? 0 : memory.lastEndedAt + cooldown - now;
  return left > 0 ? `the cooldown of ${formatDuration(cooldown)} ends in ${formatDuration(left)}` : undefined;
}

function notObserved({ seen }: RailContext): string | undefined {
  if (!seen.queue.ok) return `the queue could not be read (${seen.queue.failure.code})`;
  return seen.service.ok ? undefined : `the service could not be read (${seen.service.failure.code})`;
}

function notSteady({ seen, scaling }: RailContext): string | undefined {
  if (!seen.service.ok) return undefined;
  const { desired, running, pending } = seen.service.value;
  if (running !== desired || pending > 0) return `${running} of ${desired} workers run, ${pending} are pending`;
  return scaling ? 'the scaling rules change the count now' : undefined;
}

/** Why everything must stop at once: any limit of the policy or of the experiment. */
export function stopReason({
  policy: { spec },
  experiment,
  seen,
  failedTicks = 0,
}: Pick<RailContext, 'policy' | 'seen'> & {
  experiment: ExperimentSpec | undefined;
  failedTicks?: number;
}): string | undefined {
  const { stopWhen } = spec.chaos;
  if (failedTicks >= stopWhen.failedTicks) return `${failedTicks} observations in a row failed`;
  const alarms = seen.chaos?.alarms;
  for (const { oldestAge, visible, alarm } of [stopWhen, ...(experiment ? [experiment.stopWhen] : [])]) {
    const age = seen.age?.ok ? seen.age.value?.seconds : undefined;
    if (oldestAge !== undefined && age !== undefined && age * 1_000 > oldestAge)
      return `the oldest message is ${formatDuration(age * 1_000)} old (stopWhen ${formatDuration(oldestAge)})`;
    if (visible !== undefined && seen.queue.ok && seen.queue.value.visible > visible)
      return `${seen.queue.value.visible} messages are visible (stopWhen ${visible})`;
    if (alarm === undefined) continue;
    // A stop condition that cannot be read protects nobody: it stops.
    if (alarms && !alarms.ok) return `the alarm ${alarm} could not be read (${alarms.failure.code})`;
    const state = alarms?.ok ? alarms.value[alarm] : undefined;
    if (state === 'ALARM' || state === 'MISSING') return `the CloudWatch alarm ${alarm} is ${state}`;
  }
  return undefined;
}
