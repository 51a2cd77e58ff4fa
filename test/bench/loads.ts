/** The loads that the benchmark plays: the traces of a folder, or those that come with Sluice and some made ones. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Trace, traceSeconds } from '../../reconciler/backtest/arrivals.ts';
import type { Setup } from '../../reconciler/backtest/backtest.ts';
import { generate } from '../../reconciler/backtest/generate.ts';
import { parseSampler } from '../../reconciler/backtest/service-time.ts';
import { readTrace } from '../../reconciler/backtest/trace.ts';
import { policyOf } from '../support/policy.ts';

const OURS = fileURLToPath(new URL('../../examples/traces/', import.meta.url));
export const DAY_S = 86_400;
export const TWO_DAYS_S = 2 * DAY_S;

/** The one policy of the whole benchmark: nothing but the defaults. */
export const policy = policyOf({ minWorkers: 1, maxWorkers: 200, strategies: [{ type: 'targetWait' }] });

/** The same for workers that protect themselves. */
export const protectedPolicy = policyOf({
  minWorkers: 1,
  maxWorkers: 200,
  strategies: [{ type: 'targetWait', taskProtection: true }],
});

export const MADE = ['steady:1/s', 'daily:0.2-2/s', 'bursts:0.7/s+100@30m', 'ramp:0.1-2/s'];

export function tracesOf(folder: string | undefined): Trace[] {
  const from = folder ?? OURS;
  const files = readdirSync(from).filter((name) => name.endsWith('.csv'));
  if (files.length === 0) throw new Error(`there is no .csv trace in ${from}`);
  return files.sort().map((name) => readTrace(join(from, name)));
}

export const madeTraces = (): Trace[] => MADE.map((spec) => generate(spec, TWO_DAYS_S, 11));

/** The plant of every comparison, but for what is given. */
export function plant(given: Partial<Setup> & Pick<Setup, 'trace'>): Setup {
  return {
    load: 10,
    duration: TWO_DAYS_S,
    serviceTime: parseSampler('lognormal:10s/1'),
    startUp: parseSampler('45s'),
    concurrency: 1,
    workers: 1,
    stopTimeout: 30,
    visibilityTimeout: 300,
    protection: false,
    target: 60,
    metricLag: 60,
    countDelay: 0,
    countNoise: 0,
    countShards: 1,
    countMisses: 0,
    countGhosts: 0,
    errorRate: 0,
    seed: 1,
    ...given,
  };
}

/** An hour says little: such traces are played with several seeds. */
export const seedsFor = (trace: Trace): number => (traceSeconds(trace) < DAY_S ? 10 : 1);
