import { writeFileSync } from 'node:fs';
import { formatProblem, parsePolicy } from '../../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';
import { backtest } from '../../backtest/backtest.ts';
import { page } from '../../backtest/html.ts';
import { PEER_NAMES } from '../../backtest/peers/index.ts';
import { progress } from '../../backtest/progress.ts';
import { rows } from '../../backtest/report.ts';
import type { Result } from '../../backtest/result.ts';
import { color, json, note, out, readInput, table, UsageError, UserError } from '../io.ts';
import { DEFAULT_SERVICE, type PlantFlags, plantOf, setupFrom } from './setup.ts';
import { type SourceFlags, sourceFrom } from './source.ts';

export interface BacktestOptions extends PlantFlags, SourceFlags {
  duration?: string;
  seed: string;
  policy?: string;
  compare?: string;
  tune?: boolean;
  html?: string;
  json?: boolean;
}

const DEFAULT_TARGET_MS = 60_000;
const DEFAULT_POLICY = JSON.stringify({
  apiVersion: 'sluice/v1',
  kind: 'WorkerPolicy',
  metadata: { name: 'target-wait' },
  spec: {
    queue: { name: 'backtest' },
    service: { name: 'backtest' },
    scaling: { minWorkers: 1, maxWorkers: 200, strategies: [{ type: 'targetWait' }] },
  },
});

/** `backtest`: prints what a policy, and peers beside it, would have made of a load. Writes nothing to AWS. */
export async function backtestCommand(options: BacktestOptions): Promise<number> {
  const peers = peersFrom(options);
  const policy = parsed(
    options.policy ?? 'default policy',
    options.policy ? await readInput(options.policy) : DEFAULT_POLICY,
  );
  const source = await sourceFrom(options);
  const service = source.service ?? DEFAULT_SERVICE;
  const setup = setupFrom(options, source.trace, source.own, service, targetOf(policy));
  const bar = progress(process.stderr, () => performance.now());
  const { results, series } = backtest({
    setup,
    policies: [policy],
    peers,
    tune: options.tune === true,
    chart: options.html !== undefined,
    report: bar.report,
  });
  bar.end();
  const plant = plantOf(options, setup, service);
  if (options.html !== undefined) {
    writePage(options.html, page({ trace: source.trace.name, plant, results, series, target: setup.target }));
    note(`wrote ${options.html}`);
  }
  if (options.json) json({ trace: source.trace.name, plant, results });
  else out(resultTable(source.trace.name, results, setup.target));
  return 0;
}

/** The table, with what it is of. */
export function resultTable(trace: string, results: readonly Result[], target: number): string {
  const [first] = results;
  const head = `${trace}: ${first?.jobs ?? 0} jobs, ${first?.lowerBoundHours.toFixed(1)} worker-hours of work, target ${formatDuration(1_000 * target)}`;
  const [titles = [], ...body] = rows(results);
  return `${color.bold(head)}\n${table([titles.map((t) => color.dim(t)), ...body])}`;
}

/** The policy's own target, or a minute. Milliseconds. */
export function targetOf(policy: WorkerPolicy): number {
  const spec = policy.spec.scaling.strategies.find((s) => s.type === 'targetWait');
  return spec?.type === 'targetWait' ? spec.targetWait : DEFAULT_TARGET_MS;
}

export function parsed(file: string, text: string): WorkerPolicy {
  const found = parsePolicy(text, { generation: 1 });
  if (found.ok) return found.policy;
  throw new UserError(`${file} is not valid\n${found.problems.map((p) => `  ${formatProblem(file, p)}`).join('\n')}`);
}

function peersFrom({ compare, tune }: BacktestOptions): string[] {
  if (compare === undefined) {
    if (tune) throw new UsageError('--tune tunes peers, and there are none', 'add --compare all');
    return [];
  }
  if (compare === 'all') return PEER_NAMES;
  const names = compare.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !PEER_NAMES.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--compare ${unknown}: there is no such peer`, `there are all, ${PEER_NAMES.join(', ')}`);
  return names;
}

function writePage(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UserError(`cannot write ${file}: ${(error as Error).message}`, 'check the path and its permissions');
  }
}
