import { parsePolicy } from '../../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { queueNameOf } from '../../../policies/grammar/queue-name.ts';
import { beside } from '../../backtest/edit.ts';
import { progress } from '../../backtest/progress.ts';
import type { Result } from '../../backtest/result.ts';
import type { ConnectOptions } from '../connect.ts';
import { mustParse } from '../must-parse.ts';
import { resultTable, targetOf } from './command.ts';
import { DEFAULT_PRICE, priceOf } from './price.ts';
import { DEFAULT_SERVICE, type PlantFlags, setupFrom } from './setup.ts';
import { queuePast, type Source, sourceFrom } from './source.ts';

/** The plant of an edit's backtest: the defaults, for everything that the account cannot tell. */
const PLANT: PlantFlags = {
  concurrency: '1',
  startUp: '45s',
  workers: '1',
  stopTimeout: '30s',
  visibilityTimeout: '5m',
  lastPoll: 'finish',
  metricLag: '60s',
  counts: 'exact',
  seed: '1',
};

export interface EditBacktest {
  trace: string;
  results: Result[];
  /** For people. */
  text: string;
}

/**
 * Runs the text in force and the edited one on the same load, and returns both results. `past` is a time such as 7d, for
 * the past of the queue, or a CSV file.
 */
export async function backtestEdit(
  before: string | undefined,
  after: string,
  past: string,
  connection: ConnectOptions,
): Promise<EditBacktest> {
  const next = mustParse('the edit', after);
  const source: Source = /^\d/.test(past)
    ? await queuePast(queueNameOf(next.spec.queue), { ...connection, since: past })
    : await sourceFrom({ trace: past, since: '14d', seed: PLANT.seed });
  const { concurrency } = next.spec.scaling;
  const flags = concurrency === undefined ? PLANT : { ...PLANT, concurrency: String(concurrency) };
  const setup = setupFrom(flags, source.trace, source.own, source.service ?? DEFAULT_SERVICE, targetOf(next));
  const bar = progress(process.stderr, () => performance.now());
  const { results, leastHours } = beside(setup, before === undefined ? undefined : known(before), next, bar.report);
  bar.end();
  const bill = { pricePerWorkerHour: priceOf(DEFAULT_PRICE).usd, leastHours };
  return { trace: source.trace.name, results, text: resultTable(source.trace.name, results, setup.target, bill) };
}

/** Returns the policy in force; none when the stored text is not valid, and so not in force. */
function known(text: string): WorkerPolicy | undefined {
  const parsed = parsePolicy(text);
  return parsed.ok ? parsed.policy : undefined;
}
