/**
 * Metric math, the part that policies use: numbers, ids of other queries, `+ - * /`, brackets, `METRICS()`, and the
 * functions SUM, AVG, MIN, MAX, ABS, CEIL, FLOOR, FILL. `SEARCH` and the rest are refused in plain words.
 */
import { validation } from './errors.ts';

/** Values by the start of their period (milliseconds). */
export type Points = Map<number, number>;
export type Value = number | Points | Points[];

export interface Scope {
  /** Returns the value of another query. @throws AwsError if no query has that id */
  lookup(id: string): Value;
  /** Returns the points of all queries that are metrics, for `METRICS()`. */
  metrics(): Points[];
  /** Returns the start of each period of the request. FILL gives a value to each of them. */
  periods(): number[];
}

type Token = { kind: 'number' | 'name' | 'sign'; text: string };

function tokens(source: string): Token[] {
  const found: Token[] = [];
  const pattern = /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z]\w*)|([-+*/(),[\]]))/y;
  let at = 0;
  while (source.slice(at).trim() !== '') {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (!match) throw validation(`Error in expression: unexpected "${source.slice(at).trim().slice(0, 20)}".`);
    const kind = match[1] !== undefined ? 'number' : match[2] !== undefined ? 'name' : 'sign';
    found.push({ kind, text: (match[1] ?? match[2] ?? match[3]) as string });
    at = pattern.lastIndex;
  }
  return found;
}

/**
 * Combines two values point by point. The result has no point where a side has none, or where a division has no result.
 */
function combine(a: Value, b: Value, apply: (x: number, y: number) => number): Value {
  if (Array.isArray(a)) return a.map((each) => combine(each, b, apply) as Points);
  if (Array.isArray(b)) return b.map((each) => combine(a, each, apply) as Points);
  if (typeof a === 'number' && typeof b === 'number') return apply(a, b);
  const result: Points = new Map();
  const times = a instanceof Map ? a.keys() : (b as Points).keys();
  for (const time of times) {
    const x = a instanceof Map ? a.get(time) : a;
    const y = b instanceof Map ? b.get(time) : b;
    if (x === undefined || y === undefined) continue;
    const value = apply(x, y);
    if (Number.isFinite(value)) result.set(time, value);
  }
  return result;
}

function each(value: Value, apply: (x: number) => number): Value {
  return combine(value, 0, apply);
}

/** Reduces several series to one series, period by period, and one series to one number. */
function aggregate(args: Value[], reduce: (values: number[]) => number): Value {
  const value =
    args.length === 1
      ? (args[0] as Value)
      : args.flatMap((arg) => (arg instanceof Map ? [arg] : Array.isArray(arg) ? arg : []));
  if (typeof value === 'number') return value;
  if (value instanceof Map) return value.size === 0 ? new Map() : reduce([...value.values()]);
  const result: Points = new Map();
  for (const time of new Set(value.flatMap((points) => [...points.keys()])))
    result.set(time, reduce(value.flatMap((points) => points.get(time) ?? [])));
  return result;
}

function fill(value: Value, by: Value, scope: Scope, how: string | undefined): Value {
  if (Array.isArray(value)) return value.map((points) => fill(points, by, scope, how) as Points);
  if (!(value instanceof Map)) return value;
  const result: Points = new Map();
  let last: number | undefined;
  for (const time of scope.periods()) {
    last = value.get(time) ?? last;
    const other = how === 'REPEAT' ? last : by instanceof Map ? by.get(time) : (by as number);
    const filled = value.get(time) ?? other;
    if (filled !== undefined) result.set(time, filled);
  }
  return result;
}

const total = (values: number[]): number => values.reduce((sum, value) => sum + value, 0);

function call(name: string, args: Value[], scope: Scope, how: string | undefined): Value {
  const first = args[0];
  if (name === 'METRICS' && args.length === 0) return scope.metrics();
  if (first === undefined) throw validation(`Error in expression: ${name} needs an argument.`);
  if (name === 'SUM') return aggregate(args, total);
  if (name === 'AVG') return aggregate(args, (values) => total(values) / values.length);
  if (name === 'MIN') return aggregate(args, (values) => Math.min(...values));
  if (name === 'MAX') return aggregate(args, (values) => Math.max(...values));
  if (name === 'ABS') return each(first, Math.abs);
  if (name === 'CEIL') return each(first, Math.ceil);
  if (name === 'FLOOR') return each(first, Math.floor);
  if (name === 'FILL' && (args[1] !== undefined || how)) return fill(first, args[1] ?? 0, scope, how);
  throw validation(
    `The function ${name} is not supported here. Supported: METRICS, SUM, AVG, MIN, MAX, ABS, CEIL, FLOOR, FILL.`,
  );
}

class Parser {
  readonly #tokens: Token[];
  readonly #scope: Scope;
  #at = 0;
  #depth = 0;

  constructor(source: string, scope: Scope) {
    this.#tokens = tokens(source);
    this.#scope = scope;
  }

  all(): Value {
    const value = this.#sum();
    if (this.#at < this.#tokens.length)
      throw validation(`Error in expression: unexpected "${this.#tokens[this.#at]?.text}".`);
    return value;
  }

  #take(...signs: string[]): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || !signs.includes(token.text)) return undefined;
    this.#at += 1;
    return token.text;
  }

  #need(sign: string): void {
    if (!this.#take(sign)) throw validation(`Error in expression: "${sign}" expected.`);
  }

  #sum(): Value {
    let value = this.#product();
    for (let sign = this.#take('+', '-'); sign; sign = this.#take('+', '-'))
      value = combine(value, this.#product(), sign === '+' ? (x, y) => x + y : (x, y) => x - y);
    return value;
  }

  #product(): Value {
    let value = this.#factor();
    for (let sign = this.#take('*', '/'); sign; sign = this.#take('*', '/'))
      value = combine(value, this.#factor(), sign === '*' ? (x, y) => x * y : (x, y) => x / y);
    return value;
  }

  #factor(): Value {
    // A bound on recursion: "((((…" must not end the program.
    if (++this.#depth > 100) throw validation('Error in expression: too deeply nested.');
    const value = this.#plainFactor();
    this.#depth -= 1;
    return value;
  }

  #plainFactor(): Value {
    if (this.#take('-')) return each(this.#factor(), (x) => -x);
    if (this.#take('(')) {
      const value = this.#sum();
      this.#need(')');
      return value;
    }
    if (this.#take('['))
      return this.#list(']').args.flatMap((arg) => (arg instanceof Map ? [arg] : Array.isArray(arg) ? arg : []));
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'number') return Number(token.text);
    if (token?.kind !== 'name') throw validation('Error in expression: it ends too early, or a value is missing.');
    if (!this.#take('(')) return this.#scope.lookup(token.text);
    const { args, how } = this.#list(')');
    return call(token.text, args, this.#scope, how);
  }

  #list(end: string): { args: Value[]; how: string | undefined } {
    const args: Value[] = [];
    let how: string | undefined;
    if (this.#take(end)) return { args, how };
    do {
      const token = this.#tokens[this.#at];
      if (token?.text === 'REPEAT') {
        how = token.text;
        this.#at += 1;
      } else args.push(this.#sum());
    } while (this.#take(','));
    this.#need(end);
    return { args, how };
  }
}

/** Returns the value of an expression. @throws AwsError ValidationError that names the mistake in the expression */
export const evaluate = (source: string, scope: Scope): Value => new Parser(source, scope).all();
