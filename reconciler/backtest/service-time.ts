/** Durations at random: a specification in one line, and a sampler of it. */
import { parseDuration } from '../../policies/grammar/duration.ts';

export interface Sampler {
  /** Expected seconds. */
  mean: number;
  /** Returns one sample in seconds, not below 0. `random` returns numbers in [0, 1). */
  sample: (random: () => number) => number;
}

interface Part extends Sampler {
  weight: number;
}

/**
 * Reads `10s` (always the same), `20s+-10s` (uniform), `lognormal:10s` or `lognormal:10s/1.5` (mean and coefficient of
 * variation, 1 when left out), `exponential:10s`, or a mix by weight such as `0.8:20s+-10s,0.2:5m+-2m`.
 * Throws an Error that names the part that it cannot read.
 */
export function parseSampler(text: string): Sampler {
  const parts = text.split(',').map(part);
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const mean = parts.reduce((sum, { weight, mean }) => sum + (weight / total) * mean, 0);
  if (parts.length === 1) return parts[0]!;
  return {
    mean,
    sample: (random) => {
      let left = random() * total;
      for (const { weight, sample } of parts) {
        left -= weight;
        if (left < 0) return sample(random);
      }
      return parts.at(-1)!.sample(random);
    },
  };
}

function part(text: string): Part {
  const pieces = text.trim().split(':');
  const weighted = pieces.length > 1 && /^[\d.]/.test(pieces[0]!);
  const weight = weighted ? Number(pieces.shift()) : 1;
  if (!(weight > 0)) throw new Error(`the weight in "${text}" is not a number above 0`);
  const [first = '', second] = pieces;
  if (second === undefined) return { weight, ...uniform(first, text) };
  if (first === 'lognormal') return { weight, ...lognormal(second, text) };
  if (first === 'exponential') return { weight, ...exponential(seconds(second, text)) };
  throw new Error(`"${first}" in "${text}" is not a distribution; there are lognormal and exponential`);
}

function seconds(text: string, whole: string): number {
  const ms = parseDuration(text.trim());
  if (ms === undefined) throw new Error(`"${text}" in "${whole}" is not a duration such as 20s, 500ms or 5m`);
  return ms / 1_000;
}

function uniform(text: string, whole: string): Sampler {
  const [middle = '', spread] = text.split(/\+-|±/);
  const mean = seconds(middle, whole);
  const half = spread === undefined ? 0 : seconds(spread, whole);
  if (half > mean) throw new Error(`"${text}" would go below zero`);
  return { mean, sample: half === 0 ? () => mean : (random) => mean + (2 * random() - 1) * half };
}

function exponential(mean: number): Sampler {
  return { mean, sample: (random) => -mean * Math.log(1 - random()) };
}

function lognormal(text: string, whole: string): Sampler {
  const [first = '', second = '1'] = text.split('/');
  const mean = seconds(first, whole);
  const variation = Number(second);
  if (!(variation >= 0) || !(mean > 0)) throw new Error(`"${text}" in "${whole}" is not MEAN/VARIATION, such as 10s/1`);
  const sigma = Math.sqrt(Math.log(1 + variation * variation));
  const mu = Math.log(mean) - (sigma * sigma) / 2;
  return { mean, sample: (random) => Math.exp(mu + sigma * normal(random)) };
}

/** Returns a sample of the standard normal distribution (Box and Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
