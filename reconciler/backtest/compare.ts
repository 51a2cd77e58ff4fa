/** Peers beside Sluice: at their stock settings, or at the best that hindsight finds. */
import { type MakePeer, PEERS, type PeerFacts } from './peers/index.ts';
import type { Result } from './result.ts';
import { type RunOptions, runPeer } from './run.ts';

/** The share within the target that a tuned setting must keep. */
export const TUNED_FOR = 0.999;

/** Returns the cheapest result that keeps `share` within the target; if none does, the one that comes nearest. */
export function best(results: readonly Result[], share = TUNED_FOR): Result {
  const good = results.filter((r) => r.withinTarget >= share);
  return good.length > 0
    ? good.reduce((a, b) => (b.workerHours < a.workerHours ? b : a))
    : results.reduce((a, b) => (b.withinTarget > a.withinTarget ? b : a));
}

/**
 * Returns the result of one peer under its catalog name. `tried` is called before each run. `only` selects the setting
 * with that description.
 */
export function comparePeer(
  name: string,
  facts: PeerFacts,
  options: RunOptions,
  tune: boolean,
  tried: (settings: string) => void = () => {},
  only?: string,
): Result {
  const { stock, settings } = PEERS[name]!;
  const makes: MakePeer[] = tune ? settings(facts) : [() => stock(facts)];
  const results = makes.flatMap((make) => {
    const peer = make();
    if (only !== undefined && peer.settings !== only) return [];
    tried(peer.settings);
    return [runPeer(peer, options)];
  });
  return { ...best(results), controller: tune ? `${name} (tuned)` : name };
}
