/** Reads PutMetricData: single values, lists of values with counts, and statistic sets. */
import { integer, object, objects, text } from '../input.ts';
import type { Input } from '../service.ts';
import { invalidCombination, invalidValue, missing } from './errors.ts';
import { type MetricName, readDimensions, readUnit } from './metric.ts';
import type { Sample } from './series.ts';

const MAX_DATA = 1_000;
const MAX_VALUES = 150;
const PAST_MS = 14 * 86_400_000;
const FUTURE_MS = 2 * 3_600_000;

export interface Datum {
  metric: MetricName;
  sample: Sample;
}

export function number(input: Input, name: string): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw invalidValue(`The value ${String(value)} for parameter ${name} is invalid.`);
  return value;
}

/**
 * Reads a time as milliseconds since the epoch. Requests hold seconds since the epoch; some clients send ISO 8601 text.
 */
export function time(input: Input, name: string): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  const ms = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(ms)) throw invalidValue(`The parameter ${name} is not a timestamp.`);
  return ms;
}

function numbers(input: Input, name: string): number[] | undefined {
  const given = input[name] ?? undefined;
  if (given === undefined) return undefined;
  if (!Array.isArray(given)) throw invalidValue(`The parameter ${name} must be a list.`);
  if (given.length > MAX_VALUES)
    throw invalidValue(`The collection ${name} must not have a size greater than ${MAX_VALUES}.`);
  return given.map((value) => number({ value }, 'value') as number);
}

type Shape = Omit<Sample, 'at' | 'unit'>;

function fromValues(values: readonly number[], counts: readonly number[]): Shape {
  const kept = new Map<number, number>();
  let count = 0;
  let sum = 0;
  for (const [i, value] of values.entries()) {
    const times = counts[i] ?? 1;
    if (times <= 0) throw invalidValue('Counts must be positive.');
    kept.set(value, (kept.get(value) ?? 0) + times);
    count += times;
    sum += value * times;
  }
  return { count, sum, min: Math.min(...values), max: Math.max(...values), values: kept };
}

function fromStatistics(set: Input): Shape {
  const member = (name: string): number => {
    const value = number(set, name);
    if (value === undefined) throw missing(`MetricData.member.StatisticValues.${name}`);
    return value;
  };
  const [count, sum, min, max] = [member('SampleCount'), member('Sum'), member('Minimum'), member('Maximum')];
  if (count <= 0 || min > max) throw invalidValue('The StatisticValues contradict themselves.');
  return { count, sum, min, max, values: undefined };
}

function readShape(input: Input): Shape {
  const value = number(input, 'Value');
  const values = numbers(input, 'Values');
  const set = object(input, 'StatisticValues');
  const given = [value, values, set].filter((each) => each !== undefined);
  if (given.length === 0) throw missing('MetricData.member.Value');
  if (given.length > 1)
    throw invalidCombination(
      'The parameters MetricData.member.Value, Values and StatisticValues are mutually exclusive.',
    );
  if (set) return fromStatistics(set);
  if (value !== undefined) return fromValues([value], [1]);
  const counts = numbers(input, 'Counts');
  if (!values || values.length === 0) throw invalidValue('The collection MetricData.member.Values must not be empty.');
  if (counts && counts.length !== values.length)
    throw invalidValue(
      'The parameters MetricData.member.Values and MetricData.member.Counts must be of the same size.',
    );
  return fromValues(values, counts ?? []);
}

/** Returns the points of a request. The caller stores all of them or none. @throws AwsError for the first mistake */
export function readPut(input: Input, now: number, trusted = false): Datum[] {
  const namespace = text(input, 'Namespace');
  if (!namespace) throw missing('Namespace');
  if (!/^[\w./#:-]{1,255}$/.test(namespace))
    throw invalidValue(`The value ${namespace} for parameter Namespace is invalid.`);
  if (!trusted && namespace.startsWith('AWS/'))
    throw invalidValue(
      'The value AWS/ for parameter Namespace is invalid: namespaces that start with AWS/ are reserved.',
    );
  const data = objects(input, 'MetricData') ?? [];
  if (data.length === 0) throw missing('MetricData');
  if (data.length > MAX_DATA)
    throw invalidValue(`The collection MetricData must not have a size greater than ${MAX_DATA}.`);
  return data.map((datum) => {
    const name = text(datum, 'MetricName');
    if (!name) throw missing('MetricData.member.MetricName');
    if (name.length > 255) throw invalidValue('The parameter MetricData.member.MetricName is too long.');
    const at = time(datum, 'Timestamp') ?? now;
    if (at < now - PAST_MS || at > now + FUTURE_MS)
      throw invalidValue(
        'The parameter MetricData.member.Timestamp must be at most two weeks past and two hours ahead.',
      );
    const resolution = integer(datum, 'StorageResolution') ?? 60;
    if (resolution !== 1 && resolution !== 60) throw invalidValue('The parameter StorageResolution must be 1 or 60.');
    const metric = { namespace, name, dimensions: readDimensions(datum) };
    return { metric, sample: { ...readShape(datum), unit: readUnit(datum) ?? 'None', at } };
  });
}
