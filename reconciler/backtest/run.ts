/** Runs one controller over one load: Sluice through its own pipeline, a peer by its loops. Pure computation, no I/O. */
import { NEVER, of, startWith } from 'rxjs';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { random as seeded } from '../../policies/grammar/random.ts';
import { emptyMemory } from '../../policies/memory.ts';
import type { Decision } from '../../policies/model/decision.ts';
import { reconcile } from '../loop/pipeline.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import type { TickRecord } from '../loop/tick.ts';
import { VirtualScheduler } from '../loop/virtual-time.ts';
import { Load, type LoadOptions } from './arrivals.ts';
import { CloudWatch } from './cloudwatch.ts';
import { Counts } from './counts.ts';
import type { Peer } from './peers/peer.ts';
import { Plant, type PlantOptions } from './plant.ts';
import { type LookOptions, plantWorld } from './plant-world.ts';
import { Moves, type Result, resultOf } from './result.ts';

export interface RunOptions {
  load: LoadOptions;
  plant: PlantOptions;
  /** Seconds after a minute until its CloudWatch point can be read. */
  metricLag: number;
  look: LookOptions;
  /** Called every so many seconds of virtual time. */
  watch?: Watcher;
}

export interface Watcher {
  /** Seconds of virtual time between two calls. */
  every: number;
  see: (plant: Plant) => void;
  /** Called for each change of the desired count; peers give no decision. */
  decided?: (at: number, from: number, to: number, decision?: Decision) => void;
}

/** The instant at which a backtest begins: a Monday, 00:00 UTC, so that schedules can be followed. */
export const START_MS = Date.UTC(2024, 0, 1);

/** Runs a peer's loops against the plant. It sees what Sluice sees: the same flaws of the counts, and as many failed calls. */
export function runPeer(peer: Peer, options: RunOptions): Result {
  const { plant, cloudwatch, moves } = rig(options, peer.lag);
  const random = seeded(options.plant.seed ^ 0x2545f491);
  // Each loop begins at a random time, so that none has a lucky alignment.
  const next = peer.loops.map(({ every }) => random() * every);
  const watch = watching(plant, cloudwatch, options);
  const counts = new Counts(plant, options.look);
  const fails = failing(options.look);
  for (;;) {
    const at = Math.min(...next);
    if (at > options.load.duration) break;
    watch(at);
    cloudwatch.advanceTo(at);
    const i = next.indexOf(at);
    const loop = peer.loops[i]!;
    next[i] = at + loop.every;
    if (fails()) continue;
    const { desired, existing, running } = plant;
    const { visible, inFlight } = counts.at(at);
    const minutes = () => counts.minutes(cloudwatch.readable(at));
    const to = loop.look({ now: at, visible, inFlight, delayed: 0, desired, existing, running, minutes });
    if (to === undefined || to === desired) continue;
    moves.note(desired, to);
    options.watch?.decided?.(at, desired, to);
    plant.scaleTo(to);
  }
  return finish(peer.name, peer.settings, plant, cloudwatch, moves, options, watch);
}

/** Runs the pipeline of production on virtual time, against the plant. */
export function runPolicy(policy: WorkerPolicy, options: RunOptions, onTick?: (tick: TickRecord) => void): Result {
  const { plant, cloudwatch, moves } = rig(options);
  const watch = watching(plant, cloudwatch, options);
  const scheduler = new VirtualScheduler(START_MS);
  const seconds = (): number => (scheduler.now() - START_MS) / 1_000;
  const world = plantWorld(plant, cloudwatch, { seconds, start: START_MS, ...options.look });
  const change: PolicyEvent = { kind: 'applied', name: policy.metadata.name, policy, text: '' };
  let broken: unknown;
  const subscription = reconcile({
    specs$: NEVER.pipe(startWith(change)),
    world: {
      observe: (p) => {
        watch(seconds());
        return world.observe(p);
      },
      act: world.act,
    },
    restore: () => of(emptyMemory()),
    stop$: NEVER,
    scheduler,
    random: () => 0.5,
  }).subscribe((event) => {
    if (event.kind === 'broken') broken ??= event.error;
    if (event.kind !== 'tick') return;
    onTick?.(event);
    const { current, desired } = event.decision;
    if (current === undefined || desired === undefined || event.results[0]?.outcome !== 'applied') return;
    moves.note(current, desired);
    options.watch?.decided?.(seconds(), current, desired, event.decision);
  });
  scheduler.advanceTo(START_MS + options.load.duration * 1_000);
  subscription.unsubscribe();
  if (broken) throw broken;
  const settings = policy.spec.scaling.strategies.map((s) => s.type).join('+');
  return finish(`sluice ${policy.metadata.name}`, settings, plant, cloudwatch, moves, options, watch);
}

/** Returns a function that says of each call whether it fails. */
function failing({ errorRate, seed }: LookOptions): () => boolean {
  const random = seeded(seed ^ 0x6c078965);
  return () => errorRate > 0 && random() < errorRate;
}

function rig(options: RunOptions, lag = options.metricLag): { plant: Plant; cloudwatch: CloudWatch; moves: Moves } {
  const plant = new Plant(new Load(options.load), options.plant);
  return { plant, cloudwatch: new CloudWatch(plant, lag), moves: new Moves() };
}

/** Returns a function that calls the watcher at each of its times up to the one given. */
function watching(plant: Plant, cloudwatch: CloudWatch, { watch }: RunOptions): (to: number) => void {
  if (!watch) return () => {};
  let next = watch.every;
  return (to) => {
    for (; next <= to; next += watch.every) {
      cloudwatch.advanceTo(next);
      watch.see(plant);
    }
  };
}

function finish(
  name: string,
  settings: string,
  plant: Plant,
  cloudwatch: CloudWatch,
  moves: Moves,
  { load, plant: { concurrency } }: RunOptions,
  watch: (to: number) => void,
): Result {
  watch(load.duration);
  cloudwatch.advanceTo(load.duration);
  plant.finish();
  return resultOf(name, settings, plant, moves, concurrency);
}
