import type { Outlook } from '../estimate/outlook.ts';
import { release } from '../estimate/release.ts';
import { workersToSpare } from '../estimate/scale-in-risk.ts';
import type { Advice, Strategy, StrategyContext } from './strategy.ts';

/**
 * The fewest workers with which messages wait at most `targetWait`. Sized for three things, of which the largest counts:
 * the messages that wait now, each by its deadline, after what running and starting workers will have taken by then; the
 * load as it goes on, by Erlang C; and bursts that come faster than workers start. The fleet grows at once and as far as
 * needed, and shrinks after a while in which less was needed, at a calm moment, within an allowance for interrupted work.
 */
export const targetWait: Strategy<'targetWait'> = (spec, context) => {
  const { outlook, current } = context;
  if (!outlook) return { desired: undefined, because: 'nothing was learned yet' };
  const { desired, because } = count(outlook, spec.taskProtection, context);
  return { desired, because: `${because}. ${figures(outlook, context, current)}` };
};

function count(outlook: Outlook, protectedWork: boolean, { current, queue }: StrategyContext): Required<Advice> {
  const { estimate, sizes, needed, slots, service, keep, target } = outlook;
  const { waiting, burst, steady, steadyLeast } = sizes;
  const most = Math.max(waiting, burst, steadyLeast);
  if (most > current) {
    if (maybeGhosts(outlook, current))
      return {
        desired: current,
        because: `${queue.visible} visible for the first time: SQS's count may be wrong, and there is time for another look`,
      };
    const why =
      most === waiting
        ? `${queue.visible} messages wait, and it takes ${waiting} workers to receive them within ${target} s`
        : most === burst
          ? `${burst} workers take in time what may come before new ones start`
          : `fewer than ${steadyLeast} workers are overrun by the load`;
    return { desired: needed, because: why };
  }
  const reasons = `needed: ${waiting} for ${queue.visible} waiting, ${steady} for the load${burst > 0 ? `, ${burst} for bursts` : ''}`;
  if (needed >= current) return { desired: current, because: `${reasons}: ${current} are enough` };
  const down = release(estimate, slots, current, keep);
  if (protectedWork || down.to >= current) return { desired: down.to, because: `${reasons}; ${down.because}` };
  const spare = workersToSpare(estimate, slots, service);
  if (spare >= current - down.to) return { desired: down.to, because: `${reasons}; ${down.because}` };
  const allowance = `no more than ${spare} fewer now: ${estimate.last.inFlight} messages are in work, and scale-in may interrupt ${estimate.risk.allowance.toFixed(2)}`;
  return { desired: current - spare, because: `${reasons}; ${down.because}; ${allowance}` };
}

/** From zero, a few messages seen once may not be there. They are waited for when that costs no deadline. */
function maybeGhosts({ estimate, startUp, target }: Outlook, current: number): boolean {
  const { last, spans } = estimate;
  const span = spans.at(-1);
  if (current > 0 || last.visible > 2 || !span || span.arrived < last.visible) return false;
  return startUp + 2 * span.length < target;
}

/** Every number that went into it, in words. */
function figures(outlook: Outlook, { queue, running }: StrategyContext, current: number): string {
  const { estimate, slots, service, plannedService, startUp, load, usual, target } = outlook;
  const starting = Math.max(0, current - running);
  const ready = `${running} running${starting > 0 ? `, ${starting} starting` : ''}`;
  const habit = usual > 0 ? ` (usual at this time: ${show(usual / service)}/s)` : '';
  const arrivals = `arrivals ${show(estimate.load / service)}/s${habit} keep ${show(load)} slots busy`;
  const work = `${show(service)} s a message (planned with ${show(plannedService)} s), ${slots} at a time`;
  const start = `${show(startUp)} s to start${estimate.startUp.seen === 0 ? ' (no start was seen yet)' : ''}`;
  return `Target ${target} s; ${queue.visible} visible, ${queue.inFlight} in flight; ${ready}; ${arrivals}; ${work}; ${start}.`;
}

/** Not `toFixed`, which takes longer than all that is computed here. */
const show = (value: number): number => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100);
