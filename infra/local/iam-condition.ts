/**
 * Evaluates the condition blocks of IAM statements. Source: IAM User Guide, "Condition operators", "Multiple context
 * keys".
 */
import { arnMatches, globMatches } from './iam-pattern.ts';

/** Values by operator and key, e.g. `{ DateLessThan: { 'aws:CurrentTime': ['2026-01-01T00:00:00Z'] } }`. */
export type ConditionBlock = Record<string, Record<string, string[]>>;

/** Condition keys of a request; keys are compared without regard to case. */
export type RequestKeys = Record<string, string | string[]>;

type Test = (have: string, want: string) => boolean;

/** Reads a date in ISO 8601 or in epoch seconds; returns milliseconds. NaN makes every comparison false. */
function instant(value: string): number {
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value);
}

const onNumbers =
  (read: (value: string) => number, test: (have: number, want: number) => boolean): Test =>
  (have, want) =>
    test(read(have), read(want));

function ordered(name: string, read: (value: string) => number): Record<string, Test> {
  return {
    [`${name}equals`]: onNumbers(read, (a, b) => a === b),
    [`${name}lessthan`]: onNumbers(read, (a, b) => a < b),
    [`${name}lessthanequals`]: onNumbers(read, (a, b) => a <= b),
    [`${name}greaterthan`]: onNumbers(read, (a, b) => a > b),
    [`${name}greaterthanequals`]: onNumbers(read, (a, b) => a >= b),
  };
}

/** The positive operators, in lower case. Negated ones are derived from them. */
const TESTS: Record<string, Test> = {
  stringequals: (have, want) => have === want,
  stringequalsignorecase: (have, want) => have.toLowerCase() === want.toLowerCase(),
  stringlike: (have, want) => globMatches(want, have),
  arnequals: (have, want) => arnMatches(want, have),
  arnlike: (have, want) => arnMatches(want, have),
  bool: (have, want) => have.toLowerCase() === want.toLowerCase(),
  binaryequals: (have, want) => have === want,
  ...ordered('numeric', Number),
  ...ordered('date', instant),
};

const NEGATED: Record<string, string> = {
  stringnotequals: 'stringequals',
  stringnotequalsignorecase: 'stringequalsignorecase',
  stringnotlike: 'stringlike',
  arnnotequals: 'arnequals',
  arnnotlike: 'arnlike',
  numericnotequals: 'numericequals',
  datenotequals: 'dateequals',
};

interface Operator {
  test: Test;
  negated: boolean;
  isNull: boolean;
  ifExists: boolean;
  set: 'any' | 'all' | undefined;
}

function parseOperator(text: string): Operator | undefined {
  let name = text.toLowerCase();
  const prefix = /^for(any|all)values?:/.exec(name);
  const set = prefix?.[1] as 'any' | 'all' | undefined;
  if (prefix) name = name.slice(prefix[0].length);
  if (name === 'null') return { test: () => false, negated: false, isNull: true, ifExists: false, set };
  const ifExists = name.endsWith('ifexists');
  if (ifExists) name = name.slice(0, -'ifexists'.length);
  // Names come from outside: `constructor` must not find what every object inherits.
  const positive = Object.hasOwn(NEGATED, name) ? NEGATED[name] : undefined;
  const test = Object.hasOwn(TESTS, positive ?? name) ? TESTS[positive ?? name] : undefined;
  return test && { test, negated: positive !== undefined, isNull: false, ifExists, set };
}

export const isConditionOperator = (name: string): boolean => parseOperator(name) !== undefined;

/**
 * Returns whether one key satisfies one operator. Wanted values are alternatives; a negated operator excludes all of
 * them.
 */
function holds(operator: Operator, have: string[] | undefined, want: string[]): boolean {
  if (operator.isNull) return want.some((value) => value.toLowerCase() === String(have === undefined));
  // An absent key satisfies negated operators, those with IfExists, and ForAllValues (which is true of no values).
  if (have === undefined || have.length === 0)
    return operator.set !== 'any' && (operator.negated || operator.ifExists || operator.set === 'all');
  const one = (value: string): boolean => want.some((each) => operator.test(value, each)) !== operator.negated;
  if (operator.set === 'all') return have.every(one);
  if (operator.set === 'any' || !operator.negated) return have.some(one);
  return have.every(one);
}

/** Returns whether every operator and key of a block holds. An unknown operator never holds. */
export function conditionsHold(block: ConditionBlock, keys: RequestKeys): boolean {
  const present = new Map(Object.entries(keys).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(block).every(([name, wanted]) => {
    const operator = parseOperator(name);
    if (!operator) return false;
    return Object.entries(wanted).every(([key, want]) => {
      const value = present.get(key.toLowerCase());
      return holds(operator, value === undefined ? undefined : [value].flat(), want);
    });
  });
}
