/** Plays mutations one after another on many lanes at once, and judges by invariants alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { random } from '../random.ts';
import { until } from '../until.ts';
import { Cell, LISTINGS, type Violation } from './cell.ts';
import { type Lane, Owner, type Scene } from './lanes.ts';
import { describe, type Mutation } from './mutation.ts';
import { restored } from './restored.ts';

export interface CampaignOptions {
  seed: number;
  /**
   * Reconciler processes; each looks after one lane for each entry of `scenes`, and one that nothing is done to. One more
   * process gets the mutations of listings, which concern all its lanes.
   */
  cells: number;
  scenes: readonly Scene[];
  /** Milliseconds after which no further mutation begins; undefined plays all. */
  budget?: number | undefined;
  /** Plays only mutations whose description includes this. */
  only?: string | undefined;
}

export interface CampaignResult {
  played: number;
  /** Mutations whose call came at least once while they were in force. */
  hit: number;
  /** Mutations that there are in all. */
  known: number;
  /** Experiments that were under way when a mutation began. */
  experiments: number;
  violations: Violation[];
}

/** Fields that every decision rests on: Sluice must report damage to them as a failed reading of the call. */
const NEEDED: readonly RegExp[] = [
  /^GetQueueAttributes Attributes(\.ApproximateNumberOfMessages(NotVisible|Delayed)?)?$/,
  /^DescribeServices services(\.\*\.(desiredCount|runningCount|pendingCount|status))?$/,
];
/** Longer than the SDK's own retries of a call that hangs. */
const TOLD_WITHIN_MS = 30_000;

/** Ten intervals: a busy machine may miss some, a neighbor's trouble must not stop them. */
const TICK_WITHIN_MS = 10_000;

/** An answer that comes within the time limit is good, and so is a token that the call does not know. */
const TOLERABLE: readonly string[] = ['late', 'endlessToken'];

/** Returns whether Sluice must report that this mutation made a reading fail. */
const mustBeTold = (mutation: Mutation): boolean =>
  'path' in mutation
    ? NEEDED.some((field) => field.test(`${mutation.operation} ${mutation.path.join('.')}`))
    : ['GetQueueAttributes', 'DescribeServices'].includes(mutation.operation) && !TOLERABLE.includes(mutation.kind);

function shuffled<T>(items: readonly T[], next: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** Runs one campaign from start to end; whatever it started is gone when it returns. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const owner = await Owner.start();
  const cells = Array.from({ length: options.cells + 1 }, (_, c) => {
    const prefix = `/sluice/cell${c}/`;
    const lane = (scene: Scene, i: number): Lane => ({ name: `lane-${c}-${i}-${scene.toLowerCase()}`, scene, prefix });
    return new Cell(owner, [lane('calm', 0), ...options.scenes.map((scene, i) => lane(scene, i + 1))]);
  });
  const [listed, ...others] = cells as [Cell, ...Cell[]];
  const result: CampaignResult = { played: 0, hit: 0, known: 0, experiments: 0, violations: [] };
  const plan = (scene: string, seed: number): Mutation[] => {
    const mutations = listed.mutations(scene).filter((m) => describe(m).includes(options.only ?? ''));
    result.known += mutations.length;
    return shuffled(mutations, random(seed));
  };
  try {
    await Promise.all(cells.map((cell) => cell.start()));
    // One undisturbed run of each experiment shows which calls there are.
    await Promise.all(listed.lanes.slice(1).map((lane) => rehearse(owner, listed, lane)));
    const scenes = [...new Set(options.scenes)];
    const plans = new Map(scenes.map((scene, i) => [scene, plan(scene, options.seed + i)]));
    const listings = plan(LISTINGS, options.seed);
    const end = Date.now() + (options.budget ?? Number.POSITIVE_INFINITY);
    const drive = async (cell: Cell, todo: Mutation[], one: (mutation: Mutation) => Promise<unknown>) => {
      for (let m = todo.pop(); m && Date.now() < end && cell.alive; m = todo.pop()) await one(m);
    };
    await Promise.all([
      drive(listed, listings, (mutation) => playListing(owner, listed, mutation, result)),
      ...others.flatMap((cell) =>
        cell.lanes.slice(1).map((lane, i) => {
          const next = random(options.seed + i);
          return drive(cell, plans.get(lane.scene)!, (mutation) =>
            play(owner, cell, lane, mutation, next() < 0.5, result),
          );
        }),
      ),
    ]);
    for (const cell of cells) await closeCell(cell, result);
  } finally {
    await Promise.all(cells.map((cell) => cell.stop().catch(() => undefined)));
    await owner.close();
  }
  return result;
}

let requests = 0;
const request = (owner: Owner, lane: Lane): Promise<void> => owner.request(lane, `request-${++requests}`);

/** Waits for the experiment's first write; returns false if it did not come. */
async function injected(owner: Owner, cell: Cell, lane: Lane, before: number): Promise<boolean> {
  await request(owner, lane);
  return until('the injection', () => cell.writes(lane) > before || !cell.alive, 8_000).then(
    () => true,
    () => false,
  );
}

async function rehearse(owner: Owner, cell: Cell, lane: Lane): Promise<void> {
  if (lane.scene !== 'calm') {
    if (!(await injected(owner, cell, lane, cell.writes(lane)))) cell.blame(lane, 'the experiment never started');
    await restored(cell, lane);
  }
  await sleep(3_000);
}

/** Plays one mutation: before and through an experiment's start, or once it is under way. */
async function play(owner: Owner, cell: Cell, lane: Lane, mutation: Mutation, early: boolean, result: CampaignResult) {
  const writes = cell.writes(lane);
  const ticks = await cell.ticks().catch(() => new Map<string, number>());
  if (lane.scene !== 'calm' && !early && (await injected(owner, cell, lane, writes))) result.experiments++;
  cell.begin(lane, mutation);
  if (lane.scene !== 'calm' && early) await request(owner, lane);
  await until('the call', () => cell.hits(lane) > 1 || !cell.alive, 4_000).catch(() => undefined);
  if (cell.hits(lane) > 0 && mustBeTold(mutation))
    await until('the failure to be told', () => cell.tells(lane) || !cell.alive, TOLD_WITHIN_MS).catch(() =>
      cell.blame(lane, `no line of the log names ${mutation.operation} as failed`),
    );
  else await sleep(1_500);
  const trial = cell.end(lane);
  result.played++;
  if (trial.hits > 0) result.hit++;
  if (lane.scene !== 'calm' && early && cell.writes(lane) > writes) result.experiments++;
  if (!cell.alive) return cell.blame(lane, `the process ended\n${cell.tail}`);
  await restored(cell, lane);
  await keptTicking(cell, lane, ticks);
}

/** Plays one mutation of a listing, which concerns every lane, while one of them is in an experiment. */
async function playListing(owner: Owner, cell: Cell, mutation: Mutation, result: CampaignResult): Promise<void> {
  const ticks = await cell.ticks().catch(() => new Map<string, number>());
  const lane = cell.lanes[1 + (result.played % (cell.lanes.length - 1))]!;
  if (lane.scene !== 'calm') await request(owner, lane);
  cell.beginForAll(mutation);
  await until('the call', () => cell.hits() > 2 || !cell.alive, 6_000).catch(() => undefined);
  await sleep(1_500);
  const trial = cell.end();
  result.played++;
  if (trial.hits > 0) result.hit++;
  if (!cell.alive) return cell.blame(lane, `the process ended\n${cell.tail}`);
  await restored(cell, lane);
  await keptTicking(cell, lane, ticks);
}

/** The lane that nothing is done to must tick while its neighbor was disturbed, or soon after. */
async function keptTicking(cell: Cell, lane: Lane, before: ReadonlyMap<string, number>): Promise<void> {
  const { name } = cell.lanes[0]!;
  const ticked = async (): Promise<boolean> => ((await cell.ticks()).get(name) ?? 0) > (before.get(name) ?? 0);
  await until(`a tick of ${name}`, ticked, TICK_WITHIN_MS).catch((error: unknown) =>
    cell.blame(lane, `${error instanceof Error ? error.message : error}\n${cell.tail}`),
  );
}

async function closeCell(cell: Cell, result: CampaignResult): Promise<void> {
  for (const lane of cell.lanes) {
    if (cell.alive) await restored(cell, lane);
    for (const what of await cell.changed(lane)) cell.blame(lane, `changed for good: ${what}`);
  }
  const alive = cell.alive;
  const status = await cell.stop();
  if (alive && status !== 0) cell.blame(cell.lanes[0]!, `SIGTERM ended it with status ${status}\n${cell.tail}`);
  result.violations.push(...cell.violations);
}
