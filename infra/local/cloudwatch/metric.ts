/** Reads the identity of a metric from requests: namespace, name and dimensions. */
import { objects, text } from '../input.ts';
import type { Input } from '../service.ts';
import { invalidValue, missing } from './errors.ts';

export interface Dimension {
  Name: string;
  Value: string;
}

export interface MetricName {
  namespace: string;
  name: string;
  /** Sorted by name, since the order in a request has no meaning. */
  dimensions: Dimension[];
}

const MAX_DIMENSIONS = 30;

export function readDimensions(input: Input): Dimension[] {
  const given = objects(input, 'Dimensions') ?? [];
  if (given.length > MAX_DIMENSIONS)
    throw invalidValue(`The parameter Dimensions must have at most ${MAX_DIMENSIONS} members.`);
  const dimensions = given.map((each) => {
    const Name = text(each, 'Name');
    const Value = text(each, 'Value');
    if (!Name) throw missing('Dimensions.member.Name');
    if (!Value) throw missing('Dimensions.member.Value');
    if (Name.length > 255 || Value.length > 1024 || Name.startsWith(':'))
      throw invalidValue(`The dimension ${Name.slice(0, 50)} is not valid.`);
    return { Name, Value };
  });
  dimensions.sort((a, b) => (a.Name < b.Name ? -1 : 1));
  if (new Set(dimensions.map((each) => each.Name)).size < dimensions.length)
    throw invalidValue('No Dimension name may be repeated.');
  return dimensions;
}

/** Reads the members `Namespace`, `MetricName` and `Dimensions`. */
export function readMetric(input: Input): MetricName {
  const namespace = text(input, 'Namespace');
  const name = text(input, 'MetricName');
  if (!namespace) throw missing('Namespace');
  if (!name) throw missing('MetricName');
  return { namespace, name, dimensions: readDimensions(input) };
}

export const metricKey = ({ namespace, name, dimensions }: MetricName): string =>
  JSON.stringify([namespace, name, ...dimensions.map((each) => [each.Name, each.Value])]);

export const showMetric = ({ namespace, name, dimensions }: MetricName): object => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: dimensions,
});

export const UNITS = new Set([
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'None'],
  ...['Bytes', 'Bits'].flatMap((unit) => {
    const lower = unit.toLowerCase();
    const all = [unit, `Kilo${lower}`, `Mega${lower}`, `Giga${lower}`, `Tera${lower}`];
    return [...all, ...all.map((each) => `${each}/Second`)];
  }),
  'Count/Second',
]);

export function readUnit(input: Input): string | undefined {
  const unit = text(input, 'Unit');
  if (unit !== undefined && !UNITS.has(unit)) throw invalidValue(`The parameter Unit is not valid: ${unit}.`);
  return unit;
}
