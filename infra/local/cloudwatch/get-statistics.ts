/** Answers the older reads GetMetricStatistics and ListMetrics. */
import { integer, objects, text, texts } from '../input.ts';
import { page } from '../paging.ts';
import type { Input } from '../service.ts';
import { invalidCombination, invalidToken, invalidValue, missing } from './errors.ts';
import { alignStart, checkPeriod, type Find } from './get-data.ts';
import { readMetric, readUnit, showMetric } from './metric.ts';
import { time } from './put.ts';
import { type Statistic, statistic } from './statistic.ts';
import type { MetricStore } from './store.ts';

const MAX_DATAPOINTS = 1_440;
const LIST_PAGE = 500;
/** The only value that `RecentlyActive` can have. */
const RECENT_MS = 3 * 3_600_000;

function readStatistics(names: readonly string[], extended: boolean): [string, Statistic][] {
  return names.map((name) => {
    const found = statistic(name);
    if (!found || name.startsWith('p') !== extended) throw invalidValue(`The statistic ${name} is not supported.`);
    return [name, found];
  });
}

export function getMetricStatistics(input: Input, find: Find): object {
  const metric = readMetric(input);
  const from = time(input, 'StartTime');
  const to = time(input, 'EndTime');
  if (from === undefined) throw missing('StartTime');
  if (to === undefined) throw missing('EndTime');
  if (from >= to) throw invalidCombination('The parameter StartTime must be less than the parameter EndTime.');
  const period = checkPeriod(integer(input, 'Period'), 'Period');
  if ((to - from) / 1000 / period > MAX_DATAPOINTS)
    throw invalidCombination(
      `You have requested more than the limit of ${MAX_DATAPOINTS} datapoints. Use a longer Period.`,
    );
  const plain = readStatistics(texts(input, 'Statistics') ?? [], false);
  const extended = readStatistics(texts(input, 'ExtendedStatistics') ?? [], true);
  if (plain.length + extended.length === 0) throw missing('Statistics');
  const buckets = find(metric)?.read(alignStart(from, period), to, period * 1000, readUnit(input)) ?? [];
  const Datapoints = [...buckets].map(([at, bucket]) => ({
    Timestamp: at / 1000,
    Unit: bucket.unit,
    ...Object.fromEntries(plain.map(([name, of]) => [name, of(bucket)])),
    ...(extended.length > 0
      ? { ExtendedStatistics: Object.fromEntries(extended.map(([name, of]) => [name, of(bucket)])) }
      : {}),
  }));
  return { Label: metric.name, Datapoints };
}

export function listMetrics(input: Input, store: MetricStore, now: number): object {
  const namespace = text(input, 'Namespace');
  const name = text(input, 'MetricName');
  const recent = text(input, 'RecentlyActive');
  if (recent !== undefined && recent !== 'PT3H') throw invalidValue('The parameter RecentlyActive must be PT3H.');
  const dimensions = (objects(input, 'Dimensions') ?? []).map((each) => ({
    name: text(each, 'Name'),
    value: text(each, 'Value'),
  }));
  const found = store
    .all()
    .filter(
      ({ metric, series }) =>
        (namespace === undefined || metric.namespace === namespace) &&
        (name === undefined || metric.name === name) &&
        (recent === undefined || series.lastAt >= now - RECENT_MS) &&
        dimensions.every((wanted) =>
          metric.dimensions.some(
            (each) => each.Name === wanted.name && (wanted.value === undefined || each.Value === wanted.value),
          ),
        ),
    );
  const all = found
    .map(({ metric }) => showMetric(metric))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const token = text(input, 'NextToken');
  const key = (metric: object): string => JSON.stringify(metric);
  const { items, next } = page(all, { size: LIST_PAGE, token, key, badToken: invalidToken });
  return { Metrics: items, NextToken: next };
}
