/** Preconditions of a run. The record names the first one that does not hold. */
import { formatDuration } from '../grammar/duration.ts';
import type { ChaosMemory } from '../model/chaos.ts';
import type { Instant, Observation } from '../model/observation.ts';
import type { ChaosPolicy, ChaosSpec, ExperimentSpec } from './schema.ts';

export interface PreconditionContext {
  policy: ChaosPolicy;
  experiment: ExperimentSpec;
  seen: Observation;
  memory: ChaosMemory;
  now: Instant;
  /** The scaling rules change the count in this tick. */
  scaling: boolean;
}

export interface Blocked {
  /** Code of the precondition that does not hold. */
  precondition: string;
  because: string;
}

/** Returns the reason why the precondition does not hold; undefined when it holds. */
type Precondition = (context: PreconditionContext) => string | undefined;

const preconditions: readonly (readonly [string, Precondition])[] = [
  ['serviceTaken', ({ seen }) => seen.takenBy && `policy ${seen.takenBy} owns the service`],
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
        : `${memory.runs.map((r) => r.experiment).join(', ')} is running, and maxConcurrent is ${spec.chaos.maxConcurrent}`,
  ],
  ['observed', notObserved],
  [
    'deployment',
    ({ seen }) => (seen.service.ok && seen.service.value.deploying ? 'a deployment is in progress' : undefined),
  ],
  ['steady', notSteady],
  ['stopWhen', (context) => stopReason(context)],
];

/** Returns the first precondition that does not hold; undefined when all hold. */
export function blockedBy(context: PreconditionContext): Blocked | undefined {
  for (const [precondition, check] of preconditions) {
    const because = check(context);
    if (because) return { precondition, because };
  }
  return undefined;
}

/** Preconditions that often hold again within a minute: a scheduled occurrence waits a little for them. */
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

function inCooldown({ policy: { spec }, memory, now }: PreconditionContext): string | undefined {
  const { cooldown } = spec.chaos;
  const left = memory.lastEndedAt === undefined ? 0 : memory.lastEndedAt + cooldown - now;
  return left > 0 ? `wait ${formatDuration(Math.ceil(left / 1_000) * 1_000)}: experiment cooldown` : undefined;
}

function notObserved({ seen }: PreconditionContext): string | undefined {
  if (!seen.queue.ok) return `the queue could not be read (${seen.queue.failure.code})`;
  return seen.service.ok ? undefined : `the service could not be read (${seen.service.failure.code})`;
}

function notSteady({ seen, scaling }: PreconditionContext): string | undefined {
  if (!seen.service.ok) return undefined;
  const { desired, running, pending } = seen.service.value;
  if (running !== desired || pending > 0) return `${running} of ${desired} workers are running, ${pending} pending`;
  return scaling ? 'the scaling rules are changing the count' : undefined;
}

/** Returns the limit of the policy or of the experiment that is broken, and that ends a run at once. */
export function stopReason({
  policy: { spec },
  experiment,
  seen,
  failedTicks = 0,
}: Pick<PreconditionContext, 'policy' | 'seen'> & {
  experiment: ExperimentSpec | undefined;
  failedTicks?: number;
}): string | undefined {
  const { stopWhen } = spec.chaos;
  if (failedTicks >= stopWhen.failedTicks) return `${failedTicks} observations in a row failed`;
  const alarms = seen.chaos?.alarms;
  for (const { oldestAge, visible, alarm } of [stopWhen, ...(experiment ? [experiment.stopWhen] : [])]) {
    const age = seen.age?.ok ? seen.age.value?.seconds : undefined;
    if (oldestAge !== undefined && age !== undefined && age * 1_000 > oldestAge)
      return `the oldest message is ${formatDuration(age * 1_000)} old, above stopWhen.oldestAge (${formatDuration(oldestAge)})`;
    if (visible !== undefined && seen.queue.ok && seen.queue.value.visible > visible)
      return `${seen.queue.value.visible} messages are visible, above stopWhen.visible (${visible})`;
    if (alarm === undefined) continue;
    // A stop condition that cannot be read protects nobody, so it ends the run.
    if (alarms && !alarms.ok) return `the alarm ${alarm} could not be read (${alarms.failure.code})`;
    const state = alarms?.ok ? alarms.value[alarm] : undefined;
    if (state === 'ALARM' || state === 'MISSING') return `the CloudWatch alarm ${alarm} is ${state}`;
  }
  return undefined;
}
