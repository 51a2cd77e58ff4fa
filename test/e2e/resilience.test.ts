/** A real reconciler that is frozen, kept waiting, and told to end while it looks after many policies. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import { Cell } from '../support/mutations/cell.ts';
import { type Lane, Owner, type Scene } from '../support/mutations/lanes.ts';
import { restored } from '../support/mutations/restored.ts';
import { sample } from '../support/sample.ts';
import { until } from '../support/until.ts';

/** Calls whose answers Sluice can do without. */
const OPTIONAL = ['GetMetricData', 'ListTasks', 'DescribeTasks'];
/** Longer than two ticks of an experiment by far. */
const FREEZE_MS = sample.whole ? 60_000 : 8_000;
const POLICIES = sample.whole ? 1_000 : 200;
/** ECS grants 30 s by default. */
const END_WITHIN_MS = 20_000;

const lanesOf = (prefix: string, scenes: readonly Scene[]): Lane[] =>
  scenes.map((scene, i) => ({ name: `${prefix}-${i}`, scene, prefix: `/sluice/${prefix}/` }));

/** Runs cells on one embedded AWS, and ends them whatever happens. */
async function withCells(prefixes: Record<string, Scene[]>, body: (owner: Owner, cells: Cell[]) => Promise<void>) {
  const owner = await Owner.start();
  const cells = Object.entries(prefixes).map(([prefix, scenes]) => new Cell(owner, lanesOf(prefix, scenes)));
  try {
    await Promise.all(cells.map((cell) => cell.start()));
    await body(owner, cells);
    assert.deepEqual(
      cells.flatMap((cell) => cell.violations),
      [],
    );
  } finally {
    await Promise.all(cells.map((cell) => cell.stop().catch(() => undefined)));
    await owner.close();
  }
}

test('a reconciler that was frozen in an experiment calls it inconclusive', async () => {
  await withCells({ frozen: ['queuePolicy'] }, async (owner, [cell]) => {
    const [lane] = cell!.lanes;
    await owner.request(lane!, 'freeze');
    await until('the partition', () => cell!.writes(lane!) > 0);
    cell!.signal('SIGSTOP');
    await sleep(FREEZE_MS);
    cell!.signal('SIGCONT');
    await restored(cell!, lane!);
    const ended = await until('the verdict', () => /"msg":"experiment ended"/.test(cell!.log) && cell!.log);
    assert.match(ended, /"msg":"experiment ended".*inconclusive/);
  });
});

test('optional calls that never answer keep no policy from ticking', async () => {
  const scenes: Scene[] = ['calm', 'calm', 'calm'];
  const prefixes = Object.fromEntries(['untouched', ...OPTIONAL].map((name) => [name.toLowerCase(), scenes]));
  await withCells(prefixes, async (_, [untouched, ...waiting]) => {
    for (const [i, cell] of waiting.entries()) cell.beginForAll({ operation: OPTIONAL[i]!, kind: 'hung' });
    // Metrics are read each two minutes while the queue has messages.
    for (const cell of waiting) await until('the first such call', () => cell.hits() > 0, 180_000);
    const before = await Promise.all(waiting.map((cell) => cell.ticks()));
    const start = await untouched!.ticks();
    // The untouched process has the same machine and the same time: its ticks are the measure, not the clock.
    await until('20 ticks of it', async () => Math.min(...(await gained(untouched!, start))) >= 20, 90_000);
    const most = Math.min(...(await gained(untouched!, start)));
    for (const [i, cell] of waiting.entries()) {
      const slowest = Math.min(...(await gained(cell, before[i]!)));
      assert.ok(
        slowest >= 0.95 * most - 1,
        `${OPTIONAL[i]} hangs: ${slowest} ticks where ${most} were made without that`,
      );
    }
  });
});

/** Ticks of each policy since then. */
async function gained(cell: Cell, since: ReadonlyMap<string, number>): Promise<number[]> {
  const now = await cell.ticks();
  return cell.lanes.map(({ name }) => (now.get(name) ?? 0) - (since.get(name) ?? 0));
}

test(`SIGTERM with ${POLICIES} policies ends with status 0 before ECS would kill it`, async () => {
  const owner = await Owner.start();
  const lanes = Array.from(
    { length: POLICIES },
    (_, i): Lane => ({ name: `many-${i}`, scene: 'calm', prefix: '/sluice/many/', cluster: 'many', interval: '10s' }),
  );
  const cell = new Cell(owner, lanes);
  try {
    await cell.start(1);
    const status = await cell.stop(END_WITHIN_MS);
    assert.equal(status, 0, cell.tail);
  } finally {
    await cell.stop();
    await owner.close();
  }
});

test.run();
