import type { StrategyOf } from '../../document/schema.ts';
import { changeBy } from './change.ts';
import type { Strategy, StrategyContext } from './strategy.ts';

/**
 * Bands of depth or age, each with a change in count or percent. Edges as in AWS step scaling: lower inclusive, upper
 * exclusive. Outside every band nothing changes.
 */
export const step: Strategy<'step'> = (spec, context) => {
  const value = measure(spec.metric, context);
  if (value === undefined) return { desired: undefined, because: 'the age of the oldest message is not known' };
  const unit = spec.metric === 'oldestAge' ? ' s old' : ` ${spec.metric}`;
  const band = spec.bands.find((b) => value >= b.from && (b.to === undefined || value < b.to));
  if (!band) return { desired: context.current, because: `${value}${unit} is in no band` };
  const desired = Math.max(0, changeBy(context.current, band.change));
  return {
    desired,
    because: `${value}${unit} is in band ${band.from}..${band.to ?? ''}: ${typeof band.change === 'number' && band.change > 0 ? '+' : ''}${band.change} -> ${desired}`,
  };
};

function measure(metric: StrategyOf<'step'>['metric'], { queue, oldestAge }: StrategyContext): number | undefined {
  if (metric === 'visible') return queue.visible;
  if (metric === 'backlog') return queue.visible + queue.inFlight;
  // An empty queue has no age in CloudWatch; with counts of zero the age is known to be zero all the same.
  return queue.visible + queue.inFlight + queue.delayed === 0 ? 0 : oldestAge;
}
