import { formatDuration } from '../../grammar/duration.ts';
import { evidenceLife } from '../../grammar/evidence-life.ts';
import type { AlarmReport, Reading } from '../../model/observation.ts';
import type { PauseWhile } from '../brake.ts';
import { type Guard, type GuardContext, pass, type Verdict } from './guard.ts';

/** CloudWatch evaluates most alarms once a minute, so a state that is younger than this is as good as new. */
const FRESH_MS = 60_000;

/**
 * No scale-up while an alarm of the policy is in ALARM and, if the policy asks for it, a scale-in step by step. More workers
 * would press harder on a database that is in trouble already. The removal goes below the busy workers on purpose: they are the
 * ones who press. An alarm that cannot be read counts as ALARM for scale-up, and never removes a worker.
 */
export const pauseWhile: Guard = (proposed, context) => {
  const brake = context.scaling.scaleUp.pauseWhile;
  if (!brake) return undefined;
  // A record of another policy, and a backtest, hold no alarms: nothing is known of them, not even that they failed.
  if (!context.alarms) return pass(proposed, 'no alarm was looked at');
  const ringing = brake.alarms.find((name) => stateOf(name, context) === 'ALARM');
  if (ringing !== undefined) return braked(proposed, ringing, brake, context);
  const unread = brake.alarms.find((name) => stateOf(name, context) === undefined);
  if (unread === undefined) return pass(proposed, 'no alarm is in ALARM');
  const problem = problemOf(unread, context);
  if (brake.whenUnreadable === 'ignore') return pass(proposed, `${problem}; whenUnreadable is ignore`);
  return proposed > context.current
    ? { to: context.current, because: `no scale-up while ${problem}` }
    : pass(proposed, problem);
};

function braked(proposed: number, name: string, brake: PauseWhile, context: GuardContext): Verdict {
  const { current, queueProblem, deploying, memory, now, scaling } = context;
  const reading = context.alarms?.[name];
  const reason = reading?.ok && reading.value.reason ? `: ${reading.value.reason}` : '';
  const paused = {
    to: Math.min(proposed, current),
    because: `scale-up is paused: alarm ${name} is in ALARM${reason}`,
  };
  if (brake.shrinkBy === undefined || queueProblem !== undefined || deploying) return paused;
  const least = Math.max(scaling.minWorkers, current - stepOf(brake.shrinkBy, current));
  if (least >= paused.to) return paused;
  const waited = memory.lastScaleDown ? Math.max(0, now - memory.lastScaleDown.at) : Number.POSITIVE_INFINITY;
  if (waited < brake.shrinkEvery)
    return { ...paused, because: `${paused.because}; removes ${brake.shrinkBy} again in ${left(brake, waited)}` };
  return { to: least, because: `alarm ${name} is in ALARM, shrinkBy is ${brake.shrinkBy}${reason}` };
}

const left = ({ shrinkEvery }: PauseWhile, waited: number): string =>
  formatDuration(Math.ceil((shrinkEvery - waited) / 1_000) * 1_000);

const stepOf = (shrinkBy: number | string, current: number): number =>
  typeof shrinkBy === 'number' ? shrinkBy : Math.max(1, Math.floor((current * Number.parseFloat(shrinkBy)) / 100));

/** Returns the state of an alarm; undefined when it could not be read, was read too long ago, or does not exist. */
function stateOf(name: string, { alarms, interval, now }: GuardContext): AlarmReport['state'] | undefined {
  const reading = alarms?.[name];
  if (!reading?.ok || reading.value.state === 'MISSING' || isOld(reading, interval, now)) return undefined;
  return reading.value.state;
}

function problemOf(name: string, { alarms, interval, now }: GuardContext): string {
  const reading = alarms?.[name];
  if (!reading) return `alarm ${name} was not read`;
  if (!reading.ok) return `alarm ${name} could not be read (${reading.failure.code}: ${reading.failure.message})`;
  if (isOld(reading, interval, now)) return `alarm ${name} was last read ${formatDuration(now - reading.at)} ago`;
  return `alarm ${name} does not exist in CloudWatch; check its name and Region`;
}

const isOld = ({ at }: Reading<unknown>, interval: number, now: number): boolean =>
  now - at > Math.max(FRESH_MS, evidenceLife(interval));
