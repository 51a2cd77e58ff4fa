/** Control quality: one default targetWait policy beside each peer, at its stock setting and at its best in hindsight. */
import { type Trace, traceSeconds } from '../../reconciler/backtest/arrivals.ts';
import { runOptions } from '../../reconciler/backtest/backtest.ts';
import { generate } from '../../reconciler/backtest/generate.ts';
import { keda } from '../../reconciler/backtest/peers/keda.ts';
import type { Result } from '../../reconciler/backtest/result.ts';
import { runPeer } from '../../reconciler/backtest/run.ts';
import { parseSampler } from '../../reconciler/backtest/service-time.ts';
import { average, ours, stock, tuned } from './average.ts';
import { DAY_S, plant, policy, protectedPolicy, seedsFor } from './loads.ts';

export interface Quality {
  trace: string;
  seeds: number;
  results: Result[];
}

const STOCK = [
  'keda',
  'keda-behavior',
  'aws-target-tracking',
  'aws-target-tracking-late',
  'aws-step',
  'wpa',
  'nomad',
  'threshold',
];
const TUNED: [string, string[]][] = [
  ['keda', ['keda', 'keda-behavior']],
  ['aws-target-tracking', ['aws-target-tracking']],
  ['aws-step', ['aws-step']],
  ['wpa', ['wpa']],
  ['threshold', ['threshold']],
];

export function quality(trace: Trace, made: boolean): Quality {
  const setup = plant({ trace, load: made ? undefined : 10 });
  const seeds = seedsFor(trace);
  const results = [
    ours(setup, seeds),
    ...TUNED.map(([label, names]) => tuned(label, names, setup, seeds)),
    ...STOCK.map((name) => stock(name, setup, seeds)),
  ];
  return { trace: trace.name, seeds, results };
}

export interface Fidelity {
  trace: string;
  peer: string;
  /** Share within a minute and worker-hours: here (the mean over seeds, and their range), and elsewhere (one run). */
  within: { here: number; least: number; most: number; elsewhere: number };
  hours: { here: number; least: number; most: number; elsewhere: number };
}

/** Trace, then for each peer [% within 60 s, worker-hours] of an independent simulator: one run, the first day. */
const ELSEWHERE: Record<string, Record<string, [number, number]>> = {
  'aws-elb-requests': {
    threshold: [51.6, 80.8],
    keda: [96.2, 95.8],
    'keda T=1': [99.95, 184.0],
    'aws-target-tracking': [66.5, 181.0],
    'aws-step': [49.0, 89.4],
  },
  'azure-llm-code': {
    threshold: [35.2, 13.3],
    keda: [93.2, 21.9],
    'keda T=1': [99.97, 50.9],
    'aws-target-tracking': [70.5, 23.7],
    'aws-step': [21.2, 18.8],
  },
  'mooncake-conversation': {
    threshold: [65.4, 10.7],
    keda: [97.0, 12.2],
    'keda T=1': [99.89, 17.9],
    'aws-target-tracking': [72.1, 23.6],
    'aws-step': [48.6, 15.0],
  },
  'nyc-taxi-july': {
    threshold: [81.5, 270.1],
    keda: [98.9, 304.2],
    'keda T=1': [99.99, 431.9],
    'aws-target-tracking': [74.8, 662.3],
    'aws-step': [89.6, 338.3],
  },
  'tweets-amzn': {
    threshold: [76.2, 54.8],
    keda: [97.5, 65.8],
    'keda T=1': [99.98, 129.4],
    'aws-target-tracking': [75.7, 99.9],
    'aws-step': [61.8, 67.9],
  },
  'worldcup98-group-stage': {
    threshold: [83.0, 159.0],
    keda: [98.3, 174.8],
    'keda T=1': [99.99, 272.8],
    'aws-target-tracking': [75.6, 358.5],
    'aws-step': [95.2, 207.0],
  },
};

/** The peers beside what another simulator measured of the same models on the same trace and plant. */
export function fidelity(trace: Trace): Fidelity[] {
  const known = ELSEWHERE[trace.name];
  if (!known) return [];
  const setup = plant({ trace, duration: DAY_S });
  const seeds = Array.from({ length: traceSeconds(trace) < DAY_S ? 20 : 4 }, (_, i) => i + 1);
  return Object.entries(known).map(([peer, [within, hours]]) => {
    const runs = seeds.map((seed) =>
      peer === 'keda T=1' ? tunedTo1({ ...setup, seed }) : stock(peer, { ...setup, seed }, 1),
    );
    const range = (of: (r: Result) => number, elsewhere: number) => {
      const values = runs.map(of);
      const here = values.reduce((a, b) => a + b) / values.length;
      return { here: round(here), least: round(Math.min(...values)), most: round(Math.max(...values)), elsewhere };
    };
    return {
      trace: trace.name,
      peer,
      within: range((r) => 100 * r.withinTarget, within),
      hours: range((r) => r.workerHours, hours),
    };
  });
}

const round = (value: number): number => Number(value.toFixed(2));

/** KEDA with queueLength 1 and a behavior stanza. */
const tunedTo1 = (setup: Parameters<typeof ours>[0]): Result =>
  average([runPeer(keda({ min: 1, max: 200, queueLength: 1, behavior: 'present' }), runOptions(setup))]);

export interface Variation {
  name: string;
  /** For each trace in order: share within, cost over the lower bound. */
  ours: { within: number; cost: number; reversals: number }[];
  keda: { within: number; cost: number; reversals: number }[];
}

/** The same policy where jobs, workers or start-ups are not what they were: the first day of each trace. */
const VARIATIONS: [string, Partial<Parameters<typeof plant>[0]>][] = [
  ['as above', {}],
  ['jobs of 1 s', { serviceTime: parseSampler('lognormal:1s/1') }],
  ['jobs of 60 s', { serviceTime: parseSampler('lognormal:60s/1') }],
  ['jobs of 60 s, protected', { serviceTime: parseSampler('lognormal:60s/1'), protection: true }],
  ['jobs of 5 min', { serviceTime: parseSampler('lognormal:5m/1') }],
  ['jobs of 5 min, protected', { serviceTime: parseSampler('lognormal:5m/1'), protection: true }],
  ['10 at a time', { concurrency: 10 }],
  ['start-up 5 s', { startUp: parseSampler('5s') }],
  ['start-up 120 s', { startUp: parseSampler('120s') }],
  ['counts 10 % off', { countNoise: 0.1 }],
  ['5 % of AWS calls fail', { errorRate: 0.05 }],
];

export function variations(traces: readonly Trace[], report: (what: string) => void): Variation[] {
  return VARIATIONS.map(([name, given]) => {
    report(name);
    const of = (run: (setup: Parameters<typeof ours>[0], seeds: number) => Result) =>
      traces.map((trace) => {
        const r = run(plant({ trace, duration: DAY_S, ...given }), traceSeconds(trace) < DAY_S ? 4 : 1);
        return {
          within: r.withinTarget,
          cost: Number((r.workerHours / r.lowerBoundHours).toFixed(3)),
          reversals: r.reversals,
        };
      });
    const hinted = given.protection === true ? protectedPolicy : policy;
    return {
      name,
      ours: of((setup, seeds) => ours(setup, seeds, hinted)),
      keda: of((setup, seeds) => tuned('keda', ['keda', 'keda-behavior'], setup, seeds)),
    };
  });
}

export interface Mixed {
  name: string;
  results: Result[];
}

/** Jobs of 20±10 s with some of 5±2 min, on a day that rises and falls: what scale-in does to work under way. */
export function mixed(): Mixed[] {
  const trace = generate('daily:0.02-0.25/s', DAY_S, 5);
  const setup = plant({ trace, load: undefined, serviceTime: parseSampler('0.8:20s+-10s,0.2:5m+-2m') });
  return [false, true].map((protection) => {
    const with_ = { ...setup, protection };
    const results = [
      ours(with_, 3, protection ? protectedPolicy : policy),
      tuned('keda', ['keda', 'keda-behavior'], with_, 3),
      stock('aws-target-tracking', with_, 3),
      stock('threshold', with_, 3),
    ];
    return { name: protection ? 'with task protection' : 'without', results };
  });
}
