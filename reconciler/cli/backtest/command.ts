import { writeFileSync } from 'node:fs';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';
import { backtest } from '../../backtest/backtest.ts';
import { page } from '../../backtest/html.ts';
import { PEER_NAMES } from '../../backtest/peers/index.ts';
import { progress } from '../../backtest/progress.ts';
import { type Bill, dollars, rows } from '../../backtest/report.ts';
import type { Result } from '../../backtest/result.ts';
import { escapeStrings, escapeTerminal } from '../../text/escape-terminal.ts';
import { readInput } from '../../text/input.ts';
import { table } from '../../text/table.ts';
import { color, json, note, out } from '../../text/terminal.ts';
import { UsageError, UserError } from '../../text/user-error.ts';
import { mustParse } from '../must-parse.ts';
import { judge, shareOf } from './fail-under.ts';
import { markdownTable } from './markdown.ts';
import { priceOf } from './price.ts';
import { DEFAULT_SERVICE, type PlantFlags, plantOf, setupFrom } from './setup.ts';
import { type SourceFlags, sourceFrom } from './source.ts';

export interface BacktestOptions extends PlantFlags, SourceFlags {
  duration?: string;
  seed: string;
  policy?: string;
  compare?: string;
  tune?: boolean;
  html?: string;
  priceWorkerHour: string;
  markdown?: boolean;
  failUnder?: string;
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

/** Prints how a policy, and peers beside it, would have handled a load. Writes nothing to AWS. */
export async function backtestCommand(options: BacktestOptions): Promise<number> {
  const peers = peersFrom(options);
  const least = shareOf(options.failUnder);
  const price = priceOf(options.priceWorkerHour);
  const policy =
    options.policy === undefined
      ? mustParse('the default policy', DEFAULT_POLICY)
      : mustParse(options.policy, await readInput(options.policy));
  const source = await sourceFrom(options);
  const service = source.service ?? DEFAULT_SERVICE;
  const setup = setupFrom(options, source.trace, source.own, service, targetOf(policy));
  const bar = progress(process.stderr, () => performance.now());
  const { results, series, leastHours } = backtest({
    setup,
    policies: [policy],
    peers,
    tune: options.tune === true,
    chart: options.html !== undefined,
    report: bar.report,
  });
  bar.end();
  const bill: Bill = { pricePerWorkerHour: price.usd, leastHours };
  const plant = plantOf(options, setup, service);
  if (options.html !== undefined) {
    writePage(options.html, page({ trace: source.trace.name, plant, results, series, bill, target: setup.target }));
    note(`wrote ${escapeTerminal(options.html)}`);
  }
  if (options.json) {
    const cost = (hours: number): number => Number((hours * price.usd).toFixed(4));
    json({
      trace: source.trace.name,
      plant,
      price: { perWorkerHour: price.usd, currency: 'USD', source: price.source },
      least: { workerHours: Number(leastHours.toFixed(3)), dollars: cost(leastHours) },
      results: results.map((result) => ({ ...result, dollars: cost(result.workerHours) })),
    });
  } else if (options.markdown) {
    out(markdownTable(source.trace.name, results, setup.target, bill));
  } else {
    out(resultTable(source.trace.name, results, setup.target, bill));
    note(`dollars: ${price.source}; set another with --price-worker-hour`);
  }
  return judge(results[0], least);
}

/** Returns the table of results under two lines that describe the load and its least cost. `target` in seconds. */
export function resultTable(trace: string, results: readonly Result[], target: number, bill: Bill): string {
  const [first] = results;
  const head = `${escapeTerminal(trace)}: ${first?.jobs ?? 0} jobs, ${first?.lowerBoundHours.toFixed(1)} worker-hours of work, target ${formatDuration(1_000 * target)}`;
  const [titles = [], ...body] = escapeStrings(rows(results, bill));
  const { leastHours, pricePerWorkerHour } = bill;
  const least = `least possible, had every message been known beforehand: ${leastHours.toFixed(1)} worker-hours, ${dollars(leastHours * pricePerWorkerHour)}`;
  return `${color.bold(head)}\n${color.dim(least)}\n${table([titles.map((t) => color.dim(t)), ...body])}`;
}

/** Returns the target of the policy, or a minute; in milliseconds. */
export function targetOf(policy: WorkerPolicy): number {
  const spec = policy.spec.scaling.strategies.find((s) => s.type === 'targetWait');
  return spec?.type === 'targetWait' ? spec.targetWait : DEFAULT_TARGET_MS;
}

function peersFrom({ compare, tune }: BacktestOptions): string[] {
  if (compare === undefined) {
    if (tune) throw new UsageError('--tune needs peers to tune', 'add --compare all');
    return [];
  }
  if (compare === 'all') return PEER_NAMES;
  const names = compare.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !PEER_NAMES.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--compare ${unknown}: unknown peer`, `choose all, or some of ${PEER_NAMES.join(', ')}`);
  return names;
}

function writePage(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UserError(`cannot write ${file}: ${(error as Error).message}`, 'check the path and its permissions');
  }
}
