/**
 * Answers GetMetricData. A call holds up to 500 queries; each is a statistic of a metric, or an expression over other
 * queries.
 */
import { flag, integer, object, objects, text } from '../input.ts';
import type { Input } from '../service.ts';
import { invalidToken, missing, validation } from './errors.ts';
import { evaluate, type Points, type Value } from './expression.ts';
import { type MetricName, readMetric, readUnit } from './metric.ts';
import { time } from './put.ts';
import type { Series } from './series.ts';
import { type Statistic, statistic } from './statistic.ts';

const MAX_QUERIES = 500;
const MAX_DATAPOINTS = 100_800;
const MINUTE = 60;
const HIGH_RESOLUTION = new Set([1, 5, 10, 20, 30]);

export interface Query {
  id: string;
  label: string | undefined;
  returnData: boolean;
  /** Seconds. */
  period: number | undefined;
  metric?: { name: MetricName; stat: Statistic; statName: string; unit: string | undefined };
  expression?: string;
}

/** Finds the series of a metric; undefined if the metric has never had a point. */
export type Find = (metric: MetricName) => Series | undefined;

/** Returns a valid period in seconds. @throws AwsError for a period that CloudWatch does not keep */
export function checkPeriod(period: number | undefined, where: string): number {
  if (period === undefined) throw missing(where);
  if (HIGH_RESOLUTION.has(period) || (period > 0 && period % MINUTE === 0 && period <= 86_400)) return period;
  throw validation(`The parameter ${where} must be 1, 5, 10, 20, 30 or a multiple of 60 up to 86400.`);
}

function readQuery(input: Input): Query {
  const id = text(input, 'Id');
  if (!id) throw validation('The parameter MetricDataQueries.member.Id is required.');
  if (!/^[a-z]\w{0,254}$/.test(id))
    throw validation(`The value ${id} for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`);
  const base = { id, label: text(input, 'Label'), returnData: flag(input, 'ReturnData') ?? true };
  const metricStat = object(input, 'MetricStat');
  const expression = text(input, 'Expression');
  if ((metricStat === undefined) === (expression === undefined))
    throw validation(`Exactly one of Expression and MetricStat must be given for ${id}.`);
  if (expression !== undefined) {
    const period = integer(input, 'Period');
    return { ...base, expression, period: period === undefined ? undefined : checkPeriod(period, 'Period') };
  }
  const of = metricStat as Input;
  const metric = object(of, 'Metric');
  if (!metric) throw validation('The parameter MetricStat.Metric is required.');
  const statName = text(of, 'Stat') ?? '';
  const stat = statistic(statName);
  if (!stat)
    throw validation(
      `The value ${statName} for parameter Stat is not supported. Supported: Sum, Average, Minimum, Maximum, SampleCount, pNN.`,
    );
  const period = checkPeriod(integer(of, 'Period'), 'MetricStat.Period');
  return { ...base, period, metric: { name: readMetric(metric), stat, statName, unit: readUnit(of) } };
}

export function readQueries(input: Input, name = 'MetricDataQueries'): Query[] {
  const given = objects(input, name) ?? [];
  if (given.length === 0) throw missing(name);
  if (given.length > MAX_QUERIES)
    throw validation(`The collection ${name} must not have a size greater than ${MAX_QUERIES}.`);
  const queries = given.map(readQuery);
  if (new Set(queries.map((each) => each.id)).size < queries.length)
    throw validation('The Ids of queries must be unique.');
  return queries;
}

/** Rounds a start time (milliseconds) down as CloudWatch does: to the minute, or to the period if that is shorter. */
export const alignStart = (from: number, period: number): number => {
  const unit = period % MINUTE === 0 ? MINUTE * 1000 : period * 1000;
  return Math.floor(from / unit) * unit;
};

export function readMetricPoints(query: Query, find: Find, from: number, to: number): Points {
  const points: Points = new Map();
  if (!query.metric || query.period === undefined) return points;
  const { name, stat, unit } = query.metric;
  const buckets = find(name)?.read(alignStart(from, query.period), to, query.period * 1000, unit) ?? new Map();
  for (const [at, bucket] of buckets) {
    const value = stat(bucket);
    if (value !== undefined && Number.isFinite(value)) points.set(at, value);
  }
  return points;
}

/** Evaluates queries that name each other, in any order. It refuses a query that refers to itself. */
export class Evaluation {
  readonly #queries: Map<string, Query>;
  readonly #find: Find;
  readonly #from: number;
  readonly #to: number;
  readonly #done = new Map<string, Value>();
  readonly #open = new Set<string>();

  constructor(queries: readonly Query[], find: Find, from: number, to: number) {
    this.#queries = new Map(queries.map((query) => [query.id, query]));
    this.#find = find;
    this.#from = from;
    this.#to = to;
  }

  value(id: string): Value {
    const known = this.#done.get(id);
    if (known !== undefined) return known;
    const query = this.#queries.get(id);
    if (!query) throw validation(`Error in expression: there is no query with the Id "${id}".`);
    if (this.#open.has(id)) throw validation(`Error in expression: "${id}" refers to itself.`);
    this.#open.add(id);
    const value =
      query.expression === undefined
        ? readMetricPoints(query, this.#find, this.#from, this.#to)
        : evaluate(query.expression, {
            lookup: (other) => this.value(other),
            metrics: () => this.#metrics(),
            periods: () => this.#periods(query),
          });
    this.#open.delete(id);
    this.#done.set(id, value);
    return value;
  }

  /** Returns the series of a query: one as a rule, several for `METRICS()`, and a constant one for a number. */
  series(id: string): Points[] {
    const value = this.value(id);
    if (typeof value !== 'number') return value instanceof Map ? [value] : value;
    const query = this.#queries.get(id) as Query;
    return [new Map(this.#periods(query).map((at) => [at, value]))];
  }

  #metrics(): Points[] {
    const metrics = [...this.#queries.values()].filter((query) => query.metric);
    return metrics.map((query) => this.value(query.id) as Points);
  }

  #periods(query: Query): number[] {
    const all = [...this.#queries.values()].map((each) => each.period ?? 0);
    const period = query.period ?? (Math.max(...all) || MINUTE);
    const starts: number[] = [];
    for (let at = alignStart(this.#from, period); at < this.#to && starts.length < MAX_DATAPOINTS; at += period * 1000)
      starts.push(at);
    return starts;
  }
}

function readRange(input: Input): { from: number; to: number } {
  const from = time(input, 'StartTime');
  const to = time(input, 'EndTime');
  if (from === undefined) throw missing('StartTime');
  if (to === undefined) throw missing('EndTime');
  if (from >= to) throw validation('The parameter StartTime must be less than the parameter EndTime.');
  return { from, to };
}

interface Result {
  Id: string;
  Label: string;
  Timestamps: number[];
  Values: number[];
  StatusCode: 'Complete' | 'PartialData';
}

/** Cuts one page of at most `max` points out of all results. The token counts the points of earlier pages. */
function cut(results: Result[], max: number, skip: number): { results: Result[]; more: boolean } {
  let left = max;
  let before = skip;
  let more = false;
  const cutResults = results.map((result) => {
    const start = Math.min(before, result.Timestamps.length);
    before -= start;
    const end = Math.min(result.Timestamps.length, start + left);
    left -= end - start;
    const partial = end < result.Timestamps.length;
    more ||= partial;
    const StatusCode: Result['StatusCode'] = partial ? 'PartialData' : 'Complete';
    return {
      ...result,
      Timestamps: result.Timestamps.slice(start, end),
      Values: result.Values.slice(start, end),
      StatusCode,
    };
  });
  return { results: cutResults, more };
}

export function getMetricData(input: Input, find: Find): object {
  const queries = readQueries(input);
  const { from, to } = readRange(input);
  const max = integer(input, 'MaxDatapoints') ?? MAX_DATAPOINTS;
  if (max < 1 || max > MAX_DATAPOINTS) throw validation(`MaxDatapoints must be between 1 and ${MAX_DATAPOINTS}.`);
  const ascending = (text(input, 'ScanBy') ?? 'TimestampDescending') === 'TimestampAscending';
  const token = text(input, 'NextToken');
  if (token !== undefined && !/^\d{1,9}$/.test(token)) throw invalidToken();
  const evaluation = new Evaluation(queries, find, from, to);
  const results = queries
    .filter((query) => query.returnData)
    .flatMap((query) =>
      evaluation.series(query.id).map((points): Result => {
        const sorted = [...points].sort(([a], [b]) => (ascending ? a - b : b - a));
        return {
          Id: query.id,
          Label: query.label ?? query.metric?.name.name ?? query.id,
          Timestamps: sorted.map(([at]) => at / 1000),
          Values: sorted.map(([, value]) => value),
          StatusCode: 'Complete',
        };
      }),
    );
  const skip = Number(token ?? 0);
  const page = cut(results, max, skip);
  return { MetricDataResults: page.results, NextToken: page.more ? String(skip + max) : undefined, Messages: [] };
}
