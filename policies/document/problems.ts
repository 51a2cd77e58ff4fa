/** Words for the issues that the schema finds, so that their author knows what to write instead. */
import type { z } from 'zod';
import { didYouMean, suggest } from '../grammar/suggest.ts';
import { childOf, placeAt } from './hints.ts';
import { workerPolicySchema } from './schema.ts';

type Path = readonly (string | number)[];

/** A problem at a path of the document. */
export interface PathProblem {
  path: Path;
  /** The problem is about the key at the path, and not about its value. */
  onKey?: true;
  message: string;
  hint?: string;
  /** The path of the known field that an unknown one was probably meant to be. */
  meant?: Path;
  missing?: true;
}

/** Returns problems for an author. A misspelled field that is also missed is told once, where it stands. */
export function problemsOf(error: z.ZodError, value: unknown): PathProblem[] {
  const all = error.issues.flatMap((issue) => fromIssue(issue, value));
  const meant = new Set(all.flatMap((problem) => (problem.meant ? [problem.meant.join('/')] : [])));
  return all.filter(({ missing, path }) => !missing || !meant.has(path.join('/')));
}

/** Returns the message for an issue whose schema has no words of its own. It is zod's error map for the whole parse. */
export function wordsFor(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int'
        ? 'must be a whole number'
        : `must be a ${issue.expected}, not ${kindOf(issue.input)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((v) => JSON.stringify(v)).join(' or ')}`;
    case 'too_small':
      return `must ${issue.origin === 'array' ? 'have' : 'be'} ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must ${issue.origin === 'array' ? 'have' : 'be'} ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}`;
    case 'invalid_union':
      return 'fits none of the allowed forms';
    default:
      return undefined;
  }
}

function fromIssue(issue: z.core.$ZodIssue, value: unknown): PathProblem[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(key, path, value));
  const given = path.reduce<unknown>(childOf, value);
  if (given === undefined && issue.code !== 'custom') return [missingField(issue, path, value)];
  if (issue.code === 'invalid_union' && issue.discriminator)
    return [unknownKind(issue.discriminator, kindsOf(issue), given, path)];
  const hint = hintFor(issue, given);
  return [{ path, message: issue.message, ...(hint ? { hint } : {}) }];
}

function unknownField(key: string, parent: Path, value: unknown): PathProblem {
  const path = [...parent, key];
  const place = placeAt(workerPolicySchema, parent, value);
  const { kind, fields = [] } = place ?? {};
  const owner = kind?.others.find((other) => other.fields.includes(key));
  if (kind && owner)
    return { path, onKey: true, message: `belongs to ${kind.discriminator} ${owner.name}, not ${kind.name}` };
  const near = suggest(key, fields);
  return {
    path,
    onKey: true,
    message: 'unknown field',
    hint: didYouMean(key, fields),
    ...(near ? { meant: [...parent, near] } : {}),
  };
}

/** A missing field has no place of its own: its parent's place is shown, with the whole path. */
function missingField(issue: z.core.$ZodIssue, path: Path, value: unknown): PathProblem {
  const kinds = kindsOf(issue);
  const kind = placeAt(workerPolicySchema, path.slice(0, -1), value)?.kind;
  const hint =
    kinds.length > 0 ? `one of ${kinds.join(', ')}` : kind ? `${kind.discriminator} ${kind.name} needs it` : undefined;
  return { path, message: 'is missing', missing: true, ...(hint ? { hint } : {}) };
}

function unknownKind(discriminator: string, kinds: string[], given: unknown, path: Path): PathProblem {
  const near = typeof given === 'string' ? suggest(given, kinds) : undefined;
  return {
    path,
    message: `unknown ${discriminator} ${JSON.stringify(given)}; known ${discriminator}s are ${kinds.join(', ')}`,
    ...(near ? { hint: `did you mean ${near}?` } : {}),
  };
}

/** The values that a union's discriminator may have. */
const kindsOf = (issue: z.core.$ZodIssue): string[] =>
  issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)
    ? issue.options.filter((kind) => typeof kind === 'string')
    : [];

function hintFor(issue: z.core.$ZodIssue, given: unknown): string | undefined {
  if (issue.code === 'invalid_value' && typeof given === 'string') {
    const near = suggest(given, issue.values.map(String));
    return near ? `did you mean ${near}?` : undefined;
  }
  if (given === null) return 'nothing stands after the colon';
  if (issue.code === 'invalid_type' && issue.expected === 'number' && typeof given === 'string')
    return 'without quotes and unit';
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
