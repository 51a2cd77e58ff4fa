import { z } from 'zod';
import { duration } from '../../grammar/fields.ts';
import { attainableWords } from '../estimate/attainable.ts';
import { lagToPlan } from '../estimate/lag.ts';
import { DEFAULT_OBJECTIVE } from '../estimate/objective.ts';
import type { Outlook } from '../estimate/outlook.ts';
import { protectedShare } from '../estimate/protection.ts';
import { release } from '../estimate/release.ts';
import { workersToSpare } from '../estimate/scale-in-risk.ts';
import { type Advice, defineStrategy, type StrategyContext } from './strategy.ts';

/** Percent. Fewer nines need no objective, and more cannot be told from chance. */
const LEAST_OBJECTIVE = 90;
const MOST_OBJECTIVE = 99.99;
const OBJECTIVE_RANGE = `must be a percentage from ${LEAST_OBJECTIVE} to ${MOST_OBJECTIVE}, such as 99.9 or "99.9%"`;

/** A percentage, as a number or as text, that becomes a share. */
const objective = z
  .union([z.number(), z.string().regex(/^\d{1,2}(\.\d+)? ?%$/, OBJECTIVE_RANGE)], {
    error: OBJECTIVE_RANGE,
  })
  .default(100 * DEFAULT_OBJECTIVE)
  .transform((given, context) => {
    const percent = typeof given === 'number' ? given : Number.parseFloat(given);
    if (percent >= LEAST_OBJECTIVE && percent <= MOST_OBJECTIVE) return Number((percent / 100).toFixed(6));
    context.addIssue({ code: 'custom', message: OBJECTIVE_RANGE });
    return z.NEVER;
  })
  .meta({
    description:
      'percentage of messages that must be received within targetWait (90 to 99.99); readiness follows from it',
    examples: [99.9, 99],
  });

const schema = z
  .strictObject({
    type: z.literal('targetWait'),
    targetWait: duration('how long a message may wait for a worker. Default: 60s', { min: '1s', max: '1d' }).default(
      60_000,
    ),
    objective,
    serviceTime: duration('hint: how long one message takes; learned all the same', {
      min: '1ms',
      max: '1d',
    }).optional(),
    startUp: duration('hint: how long a new worker takes to its first message; learned all the same', {
      max: '1h',
    }).optional(),
    taskProtection: z.boolean().default(false).meta({
      description:
        'hint: workers protect themselves (ECS task scale-in protection) while they hold a message; detected all the same',
    }),
  })
  .meta({ description: 'The fewest workers with which messages wait at most targetWait; everything else is learned.' });

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);

/**
 * The fewest workers with which messages wait at most `targetWait`. The fleet is sized for three needs, of which the
 * largest counts: the messages that wait now, each by its deadline, less those that running and starting workers will
 * take by then; the load, by Erlang C; and bursts that come faster than workers start. The fleet grows at once and as far
 * as needed. It shrinks after a while in which less was needed, at a calm moment, within an allowance for interrupted work.
 */
export const targetWait = defineStrategy({
  type: 'targetWait',
  schema,
  requires: { usual: true, protection: true },
  pacesItself: true,
  aim: (spec) => ({
    target: spec.targetWait / 1_000,
    objective: spec.objective,
    serviceTime: seconds(spec.serviceTime),
    startUp: seconds(spec.startUp),
  }),

  propose({ taskProtection }, context) {
    const { outlook } = context;
    if (!outlook) return { desired: undefined, because: 'nothing was learned yet' };
    const { desired, because } = sizeOfFleet(outlook, taskProtection, context);
    const missed = outlook.attainable ? ` ${attainableWords(outlook.attainable)}.` : '';
    return { desired, because: `${because}. ${figures(outlook, context)}${missed}` };
  },
});

function sizeOfFleet(outlook: Outlook, declared: boolean, context: StrategyContext): Required<Advice> {
  const { waiting, burst, steady, steadyLeast } = outlook.sizes;
  const { current, queue } = context;
  if (Math.max(waiting, burst, steadyLeast) > current) return growth(outlook, context);
  const bursts = burst > 0 ? `, ${burst} for bursts` : '';
  const needs = `needed: ${waiting} for ${queue.visible} waiting, ${steady} for the load${bursts}`;
  if (outlook.needed >= current) return { desired: current, because: `${needs}: ${current} are enough` };
  return shrinkage(outlook, declared, current, needs);
}

function growth(outlook: Outlook, { current, queue }: StrategyContext): Required<Advice> {
  const { sizes, needed, target } = outlook;
  const { waiting, burst, steadyLeast } = sizes;
  if (mayBeMiscounted(outlook, current))
    return {
      desired: current,
      because: `${queue.visible} visible for the first time: SQS's count may be wrong, and there is time for another look`,
    };
  const most = Math.max(waiting, burst, steadyLeast);
  const reason =
    most === waiting
      ? `${queue.visible} messages wait, and it takes ${waiting} workers to receive them within ${target} s`
      : most === burst
        ? `${burst} workers receive in time the messages that may come before new workers start`
        : `fewer than ${steadyLeast} workers cannot carry the load`;
  return { desired: needed, because: reason };
}

function shrinkage(outlook: Outlook, declared: boolean, current: number, needs: string): Required<Advice> {
  const { estimate, slots, service, keep } = outlook;
  const isProtected = declared || protectedShare(estimate) === 1;
  const down = release(estimate, slots, current, keep, isProtected);
  if (isProtected || down.to >= current) return { desired: down.to, because: `${needs}; ${down.because}` };
  const spare = workersToSpare(estimate, slots, service);
  if (spare >= current - down.to) return { desired: down.to, because: `${needs}; ${down.because}` };
  const allowance = `at most ${spare} fewer now: ${estimate.last.inFlight} messages are in flight, and scale-in may interrupt ${estimate.risk.allowance.toFixed(2)}`;
  return { desired: current - spare, because: `${needs}; ${down.because}; ${allowance}` };
}

/** From zero, one or two messages seen once may not exist. Another look is taken when it costs no deadline. */
function mayBeMiscounted({ estimate, startUp, target }: Outlook, current: number): boolean {
  const { last, spans } = estimate;
  const span = spans.at(-1);
  if (current > 0 || last.visible > 2 || !span || span.arrived < last.visible) return false;
  return startUp + 2 * span.length < target;
}

/** Returns every number that the count rests on, in words. */
function figures(outlook: Outlook, { queue, running, current }: StrategyContext): string {
  const { estimate, slots, service, plannedService, startUp, load, usual, target } = outlook;
  const starting = Math.max(0, current - running);
  const ready = `${running} running${starting > 0 ? `, ${starting} starting` : ''}`;
  const habit = usual > 0 ? ` (usual at this time: ${show(usual / service)}/s)` : '';
  const arrivals = `arrivals ${show(estimate.load / service)}/s${habit} keep ${show(load)} slots busy`;
  const work = `${show(service)} s a message (planned with ${show(plannedService)} s), ${slots} at a time`;
  const start = `${show(startUp)} s to start${estimate.startUp.seen === 0 ? ' (no start was seen yet)' : ''}`;
  const guarded = protectedShare(estimate) === 1 ? '; busy workers protect themselves' : '';
  const lag = lagToPlan(estimate, target);
  const counts = lag === 0 ? '' : `; counts are ${lag} s old${estimate.lag ? '' : ' (assumed)'}`;
  return `Target ${target} s; ${queue.visible} visible, ${queue.inFlight} in flight; ${ready}; ${arrivals}; ${work}; ${start}${counts}${guarded}.`;
}

/** Not `toFixed`, which takes longer than everything that is computed here. */
const show = (value: number): number => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);
