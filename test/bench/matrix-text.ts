/** The matrix as a part of docs/benchmarks.md. */
import type { CellResult, OnTrace } from './matrix.ts';
import { geometric, percent, type Row, table } from './table.ts';

/** A peer over all traces, tuned for each. */
interface Whole {
  peer: string;
  worst: number;
  cost: number;
  reversals: number;
}

const GOOD = 0.999;

/** Returns the peer that a reader would choose: the cheapest that keeps 99.9 % on each trace, else the surest. */
function bestPeer(traces: readonly OnTrace[]): Whole {
  const names = traces[0]?.best.map(({ peer }) => peer) ?? [];
  const all = names.map((peer): Whole => {
    const each = traces.map(({ best, bound }) => ({ ...best.find((b) => b.peer === peer)!, bound }));
    return {
      peer,
      worst: Math.min(...each.map(({ within }) => within)),
      cost: geometric(each.map(({ hours, bound }) => hours / bound)),
      reversals: turns(each),
    };
  });
  const good = all.filter(({ worst }) => worst >= GOOD);
  return good.length > 0
    ? good.reduce((a, b) => (b.cost < a.cost ? b : a))
    : all.reduce((a, b) => (b.worst > a.worst ? b : a));
}

const turns = (all: readonly { reversals: number }[]): number =>
  all.reduce((total, { reversals }) => total + reversals, 0);

export function matrixText(cells: readonly CellResult[]): string {
  const rows = cells.map(({ name, traces }): Row => {
    const peer = bestPeer(traces);
    const better = traces.filter((t) => t.better.length > 0);
    const beaten = better.map(({ trace, better }) => {
      const { peer, settings, within, hours } = better.reduce((a, b) => (b.hours < a.hours ? b : a));
      const ours = traces.find((t) => t.trace === trace)!;
      return `${trace}: ${peer} (${settings}), ${percent(within)} at ${(hours / ours.hours).toFixed(2)} of our cost`;
    });
    return [
      name,
      percent(Math.min(...traces.map(({ within }) => within))),
      geometric(traces.map(({ hours, bound }) => hours / bound)).toFixed(2),
      geometric(traces.map(({ hours, least }) => hours / least)).toFixed(2),
      turns(traces),
      peer.peer,
      percent(peer.worst),
      peer.cost.toFixed(2),
      peer.reversals,
      beaten.length === 0 ? 'none' : beaten.join('; '),
    ];
  });
  const head: Row = [
    'circumstance',
    'ours, worst trace',
    'cost',
    'x least',
    'reversals',
    'peer',
    'worst trace',
    'cost',
    'reversals',
    'better than ours',
  ];
  return `## In other circumstances

\`npm run bench -- --matrix --traces DIR\`. One untuned policy everywhere; peers have, for each trace, the best of all their settings in
hindsight, and the same counts and failing calls. Cost is over the sum of all service times, "x least" over the least that any
controller could have cost (geometric means over the traces). "Better than ours" names each trace on which some setting of some peer has at
least our share at over 2 % less cost. A circumstance that is not listed was not played with this version.

${table(head, rows)}`;
}
