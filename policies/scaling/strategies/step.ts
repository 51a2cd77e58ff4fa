import { z } from 'zod';
import type { Finding } from '../../grammar/finding.ts';
import { changeBy, changeSchema } from './change.ts';
import { countDelayed, delayedPart } from './delayed.ts';
import { type Advice, defineStrategy, type StrategyContext } from './strategy.ts';

const band = z.strictObject({
  from: z.number().min(0).meta({ description: 'lower edge, inclusive: messages, or seconds of age' }),
  to: z.number().positive().optional().meta({ description: 'upper edge, exclusive; open when left out' }),
  change: changeSchema,
});

const schema = z
  .strictObject({
    type: z.literal('step'),
    metric: z.enum(['visible', 'backlog', 'oldestAge']).default('visible').meta({
      description: "visible messages, backlog (visible and in flight), or the oldest message's age in seconds",
    }),
    bands: z
      .array(band)
      .min(1)
      .max(50)
      .meta({ description: 'in rising order, without overlap; between bands nothing changes' }),
    countDelayed,
  })
  .meta({ description: 'Bands of queue depth or age, each with a change in count or percent (as AWS step scaling).' });

type Spec = z.output<typeof schema>;

/**
 * Bands of depth or age, each with a change in count or percent. Edges as in AWS step scaling: lower inclusive, upper
 * exclusive. Outside every band nothing changes. A service at zero gets one worker for one visible message, whatever the bands
 * say: with no worker the message would wait until enough others had come.
 */
export const step = defineStrategy({
  type: 'step',
  schema,
  findings: (spec) => [...delayedFindings(spec), ...spec.bands.flatMap((_, i) => bandFindings(spec.bands, i))],

  warnings: (spec, { minWorkers }) =>
    minWorkers === 0 && ignoresOneMessage(spec)
      ? [
          'step has no band that adds a worker for 1 message: from 0 workers Sluice starts one for the first message, and the bands do the rest; to choose yourself, add a band from 1 with a positive change',
        ]
      : [],

  propose(spec, context) {
    const advice = inBands(spec, context);
    const { visible, delayed } = context.queue;
    const waiting = visible + (spec.countDelayed ? delayed : 0);
    if (context.current > 0 || waiting === 0 || (advice.desired ?? 0) > 0) return advice;
    return {
      desired: 1,
      because: `${visible} visible${delayedPart(spec.countDelayed, delayed).words} and no worker: the first one starts (${advice.because})`,
    };
  },
});

function inBands({ metric, bands, countDelayed }: Spec, context: StrategyContext): Advice {
  const base = measure(metric, context);
  if (base === undefined) return { desired: undefined, because: 'the age of the oldest message is not known' };
  const { extra, words } = delayedPart(countDelayed && metric !== 'oldestAge', context.queue.delayed);
  const value = base + extra;
  const measured = metric === 'oldestAge' ? `an oldest age of ${value} s` : `${base} ${metric}${words}`;
  const found = bands.find((b) => value >= b.from && (b.to === undefined || value < b.to));
  if (!found) return { desired: context.current, because: `${measured} is in no band` };
  const desired = Math.max(0, changeBy(context.current, found.change));
  const sign = typeof found.change === 'number' && found.change > 0 ? '+' : '';
  return {
    desired,
    because: `${measured} is in band ${found.from}..${found.to ?? ''}: ${sign}${found.change} -> ${desired}`,
  };
}

/** Returns true when no band adds workers for a single message, so that only the rule for zero wakes the service. */
const ignoresOneMessage = ({ metric, bands }: Spec): boolean =>
  metric !== 'oldestAge' &&
  !bands.some(({ from, to, change }) => from <= 1 && (to === undefined || to > 1) && changeBy(0, change) > 0);

function measure(metric: Spec['metric'], { queue, oldestAge }: StrategyContext): number | undefined {
  if (metric === 'visible') return queue.visible;
  if (metric === 'backlog') return queue.visible + queue.inFlight;
  // An empty queue has no age in CloudWatch; with counts of zero the age is known to be zero all the same.
  return queue.visible + queue.inFlight + queue.delayed === 0 ? 0 : oldestAge;
}

/** An age counts no messages: a delayed message has no age until it is due. */
const delayedFindings = ({ metric, countDelayed }: Spec): Finding[] =>
  countDelayed && metric === 'oldestAge'
    ? [
        {
          path: ['countDelayed'],
          message: 'has no effect on the age of the oldest message',
          hint: 'use metric: visible or backlog, or leave out countDelayed',
        },
      ]
    : [];

function bandFindings(bands: Spec['bands'], i: number): Finding[] {
  const findings: Finding[] = [];
  const { from, to } = bands[i]!;
  const before = bands[i - 1];
  if (to !== undefined && to <= from)
    findings.push({ path: ['bands', i, 'to'], message: `${to} is not above from (${from})` });
  if (before && (before.to === undefined || before.to > from))
    findings.push({
      path: ['bands', i, 'from'],
      message: `${from} lies within the band before it (${before.from}..${before.to ?? ''})`,
      hint: 'bands rise and do not overlap; only the last may leave out `to`',
    });
  return findings;
}
