/** Loads that need no file: a specification in one line, and a seeded trace of it. */
import { parseDuration } from '../../policies/grammar/duration.ts';
import { random as seeded } from '../../policies/grammar/random.ts';
import type { Trace } from './arrivals.ts';
import { normal } from './service-time.ts';

const STEP_S = 10;

/** Arrivals per second at a time in seconds. */
type Rate = (at: number) => number;

/**
 * Reads `steady:1/s`, `ramp:0.1-5/s` (over the whole time), `daily:0.2-2/s` (a smooth day, its peak at 14:00), or
 * `bursts:0.5/s+100@15m` (on top of a steady rate 100 jobs within ten seconds, at random times, each 15 minutes on average).
 * Throws an Error that names the part that it cannot read. `duration` in seconds.
 */
export function generate(spec: string, duration: number, seed: number): Trace {
  const random = seeded(seed ^ 0x1b873593);
  const [kind = '', rest = ''] = spec.split(':');
  const counts = new Float64Array(Math.max(2, Math.ceil(duration / STEP_S)));
  const fill = (rate: Rate): void => {
    for (let i = 0; i < counts.length; i++) counts[i] = poisson(rate((i + 0.5) * STEP_S) * STEP_S, random);
  };
  if (kind === 'steady') {
    const rate = perSecond(rest, spec);
    fill(() => rate);
  } else if (kind === 'ramp' || kind === 'daily') {
    const [low, high] = range(rest, spec);
    const shape: Rate =
      kind === 'ramp' ? (at) => at / duration : (at) => 0.5 + 0.5 * Math.cos((2 * Math.PI * (at / 3_600 - 14)) / 24);
    fill((at) => low + (high - low) * shape(at));
  } else if (kind === 'bursts') {
    const [base = '', burst = ''] = rest.split('+');
    const [size = '', every = ''] = burst.split('@');
    const rate = perSecond(base, spec);
    const each = parseDuration(every);
    if (!(Number(size) > 0) || !each) throw unknown(spec, `"${burst}" is not SIZE@EVERY, such as 100@15m`);
    fill(() => rate);
    for (let i = 0; i < counts.length; i++) counts[i]! += poisson((STEP_S * 1_000) / each, random) * Number(size);
  } else throw unknown(spec, `"${kind}" is not a load; there are steady, ramp, daily and bursts`);
  return { name: spec, step: STEP_S, counts };
}

function perSecond(text: string, spec: string): number {
  const match = /^(\d+(?:\.\d+)?)\/(s|m|h)$/.exec(text.trim());
  if (!match) throw unknown(spec, `"${text}" is not a rate such as 0.5/s`);
  return Number(match[1]) / { s: 1, m: 60, h: 3_600 }[match[2] as 's' | 'm' | 'h'];
}

function range(text: string, spec: string): [number, number] {
  const [low = '', high = ''] = text.split('-');
  const unit = /\/[smh]$/.exec(high)?.[0] ?? '';
  return [perSecond(low + unit, spec), perSecond(high, spec)];
}

const unknown = (spec: string, why: string): Error => new Error(`load "${spec}": ${why}`);

function poisson(mean: number, random: () => number): number {
  if (mean > 100) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let left = Math.exp(-mean);
  let count = 0;
  for (let draw = random(); draw > left; count++) {
    draw -= left;
    left *= mean / (count + 1);
  }
  return count;
}
