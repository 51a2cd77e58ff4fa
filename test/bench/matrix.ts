/** The matrix: one untuned policy in each circumstance, on each trace, beside every setting of every peer. */
import type { Trace } from '../../reconciler/backtest/arrivals.ts';
import { runOptions, type Setup } from '../../reconciler/backtest/backtest.ts';
import { TUNED_FOR } from '../../reconciler/backtest/compare.ts';
import { leastHours } from '../../reconciler/backtest/least.ts';
import { PEERS } from '../../reconciler/backtest/peers/index.ts';
import type { Result } from '../../reconciler/backtest/result.ts';
import { runPeer } from '../../reconciler/backtest/run.ts';
import { average, factsOf, ours } from './average.ts';
import { type Cell, givenBy, nameOf } from './cells.ts';
import { plant, seedsFor } from './loads.ts';
import { kept, type PeerOutcome } from './peer-cache.ts';

/** One cell on one trace. Hours are worker-hours. */
export interface OnTrace {
  trace: string;
  within: number;
  hours: number;
  reversals: number;
  /** The sum of all service times over the messages at a time, and the least that any controller could have cost. */
  bound: number;
  least: number;
  /** The cheapest setting of each peer that keeps 99.9 % in time, or comes nearest to it. */
  best: PeerOutcome[];
  /** Settings with at least our share that cost over 2 % less. */
  better: PeerOutcome[];
}

export interface CellResult {
  name: string;
  traces: OnTrace[];
}

/** An hour is played with several seeds, though with fewer than elsewhere: the matrix is large. */
const seeds = (trace: Trace): number => Math.min(4, seedsFor(trace));
/** A setting is better only if it costs that much less: runs differ by chance. */
const CLEARLY = 0.98;

export function cellResult(cell: Cell, traces: readonly Trace[]): CellResult {
  return { name: nameOf(cell), traces: traces.map((trace) => onTrace(cell, trace)) };
}

function onTrace(cell: Cell, trace: Trace): OnTrace {
  const setup = plant({ trace, ...givenBy(cell) });
  const us = ours(setup, seeds(trace));
  const peers = kept(`${nameOf(cell)} on ${trace.name}, ${trace.counts.length} steps`, () => peersOn(setup, trace));
  return {
    trace: trace.name,
    within: us.withinTarget,
    hours: us.workerHours,
    reversals: us.reversals,
    bound: us.lowerBoundHours,
    least: Number(least(setup).toFixed(3)),
    best: [...new Set(peers.map(({ peer }) => peer))].map((name) => tuned(peers.filter(({ peer }) => peer === name))),
    better: peers.filter(({ within, hours }) => within >= us.withinTarget && hours < CLEARLY * us.workerHours),
  };
}

const least = (setup: Setup): number =>
  leastHours({
    load: runOptions(setup).load,
    target: setup.target,
    concurrency: setup.concurrency,
    workers: setup.workers,
    startUp: setup.startUp.mean,
    min: 1,
  });

function peersOn(setup: Setup, trace: Trace): PeerOutcome[] {
  const facts = factsOf(setup);
  return Object.entries(PEERS).flatMap(([peer, { stock, settings }]) =>
    [() => stock(facts), ...settings(facts)].map((make): PeerOutcome => {
      const all: Result[] = [];
      for (let seed = 0; seed < seeds(trace); seed++) {
        all.push(runPeer(make(), runOptions({ ...setup, seed: setup.seed + seed })));
      }
      const { settings, withinTarget, workerHours, reversals } = average(all);
      return { peer, settings, within: withinTarget, hours: workerHours, reversals };
    }),
  );
}

function tuned(outcomes: readonly PeerOutcome[]): PeerOutcome {
  const good = outcomes.filter(({ within }) => within >= TUNED_FOR);
  return good.length > 0
    ? good.reduce((a, b) => (b.hours < a.hours ? b : a))
    : outcomes.reduce((a, b) => (b.within > a.within ? b : a));
}
