/**
 * The benchmark: control quality beside the peers, the backtest's speed, the cost of ticks. Writes docs/benchmarks.md and
 * docs/benchmarks.json.
 *
 * Usage: npm run bench -- [--traces DIR] [--only quality,fidelity,variations,mixed,speed,ticks,reaction] [--out DIR]
 *        npm run bench -- --matrix [--traces DIR] [--cell TEXT] [--sample] [--out DIR]
 * Without --traces it plays the traces that come with Sluice and made ones. Parts that are left out keep their last numbers.
 * --matrix plays the matrix alone: all of it (half an hour; what the peers did is kept), the cells whose name has the text, or a
 * seeded sample of a minute, which writes nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { random } from '../../policies/grammar/random.ts';
import { CELLS, nameOf } from './cells.ts';
import { madeTraces, tracesOf } from './loads.ts';
import { type Bench, markdown } from './markdown.ts';
import { type CellResult, cellResult } from './matrix.ts';
import { matrixText } from './matrix-text.ts';
import { fidelity, mixed, quality, variations } from './quality.ts';
import { reaction } from './reaction.ts';
import { speed } from './speed.ts';
import { ticks } from './ticks.ts';

const PARTS = ['quality', 'fidelity', 'variations', 'mixed', 'speed', 'ticks', 'reaction'] as const;
/** Cells of a sample. */
const SAMPLE = 3;
const { values } = parseArgs({
  options: {
    traces: { type: 'string' },
    only: { type: 'string' },
    matrix: { type: 'boolean', default: false },
    cell: { type: 'string' },
    sample: { type: 'boolean', default: false },
    out: { type: 'string', default: fileURLToPath(new URL('../../docs/', import.meta.url)) },
  },
});
const only = (values.only ?? (values.matrix ? '' : PARTS.join(','))).split(',').filter(Boolean);
const unknown = only.find((part) => !(PARTS as readonly string[]).includes(part));
if (unknown !== undefined) {
  console.error(`--only ${unknown}: there is no such part; there are ${PARTS.join(', ')}`);
  process.exit(2);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const file = join(values.out, 'benchmarks.json');
const before: Partial<Bench> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};

async function part<T>(name: (typeof PARTS)[number], run: () => T | Promise<T>): Promise<T | undefined> {
  if (!only.includes(name)) return before[name] as T | undefined;
  const started = performance.now();
  const result = await run();
  say(`${name}: ${((performance.now() - started) / 1_000).toFixed(0)} s`);
  return result;
}

const traces = tracesOf(values.traces);

/** Plays the cells asked for, and keeps the numbers of the others. */
function matrix(): CellResult[] | undefined {
  const last = before.matrix ?? [];
  if (!values.matrix) return last;
  const named = CELLS.filter((cell) => nameOf(cell).includes(values.cell ?? ''));
  const drawn = random(1);
  const todo = values.sample ? Array.from({ length: SAMPLE }, () => named[Math.floor(drawn() * named.length)]!) : named;
  const played = new Map(
    todo.map((cell, i) => {
      say(`  ${i + 1} of ${todo.length}: ${nameOf(cell)}`);
      return [nameOf(cell), cellResult(cell, values.sample ? traces.slice(0, 2) : traces)];
    }),
  );
  console.log(matrixText([...played.values()]));
  return CELLS.flatMap((cell) => played.get(nameOf(cell)) ?? last.find(({ name }) => name === nameOf(cell)) ?? []);
}

const bench: Bench = {
  machine: `${cpus()[0]?.model ?? 'a processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`,
  speed: await part('speed', () => speed([7, 28])),
  quality: await part('quality', () =>
    [...traces.map((trace) => [trace, false] as const), ...madeTraces().map((trace) => [trace, true] as const)].map(
      ([trace, made]) => {
        say(`  ${trace.name}`);
        return quality(trace, made);
      },
    ),
  ),
  fidelity: await part('fidelity', () => traces.flatMap((trace) => fidelity(trace))),
  variations: await part('variations', () => variations(traces, (what) => say(`  ${what}`))),
  matrix: matrix(),
  mixed: await part('mixed', () => mixed()),
  ticks: await part('ticks', async () => [await ticks(1), await ticks(100), await ticks(1_000)]),
  reaction: await part('reaction', () => reaction()),
};
if (values.sample) process.exit(0);
mkdirSync(values.out, { recursive: true });
writeFileSync(file, `${JSON.stringify(bench, null, 1)}\n`);
writeFileSync(join(values.out, 'benchmarks.md'), markdown(bench));
say(`wrote benchmarks.md and benchmarks.json`);
