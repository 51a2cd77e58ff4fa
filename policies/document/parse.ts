/** Text (YAML or JSON, which is a part of YAML) to a policy, or to problems with their places. Never throws. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { ADVANCED_TIER_BYTES, sizeOf } from '../grammar/size.ts';
import { didYouMean } from '../grammar/suggest.ts';
import { check } from './checks.ts';
import { hintFor, kindsAt, knownKeysAt } from './hints.ts';
import { type WorkerPolicy, workerPolicySchema } from './schema.ts';

export interface Problem {
  /** From 1. */
  line: number;
  /** From 1. */
  col: number;
  /** Such as `spec.scaling.strategies[0].step`; empty for the whole document. */
  path: string;
  message: string;
  hint?: string;
}

export type ParseResult = { ok: true; policy: WorkerPolicy } | { ok: false; problems: Problem[] };

export interface ParseOptions {
  /** What metadata.name must equal: the parameter's last path segment. Not checked when left out. */
  name?: string;
  /** The parameter's version. 0, the default, marks a document that is not stored. */
  generation?: number;
}

type Path = readonly (string | number)[];

export function parsePolicy(text: string, options: ParseOptions = {}): ParseResult {
  const { bytes, tier } = sizeOf(text);
  if (!tier)
    return fail({
      line: 1,
      col: 1,
      path: '',
      message: `is ${bytes} bytes long; an SSM parameter holds at most ${ADVANCED_TIER_BYTES}`,
      hint: 'shorten it: comments count, and a policy for each service is better than one for all',
    });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: true });
  const at = (offset: number): { line: number; col: number } => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), col: Math.max(1, col) };
  };
  if (document.errors.length > 0)
    return fail(
      ...document.errors.map((e) => ({ ...at(e.pos[0]), path: '', message: `not valid YAML: ${e.message}` })),
    );
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    return fail({ line: 1, col: 1, path: '', message: `not valid YAML: ${(error as Error).message}` });
  }
  if (!isMap(document.contents))
    return fail({
      line: 1,
      col: 1,
      path: '',
      message: 'is not a WorkerPolicy document',
      hint: 'it starts with apiVersion: sluice/v1',
    });

  const locate = (path: Path, onKey = false): Problem => ({
    ...at(offsetOf(document, path, onKey)),
    path: formatPath(path),
    message: '',
  });
  const shape = workerPolicySchema.safeParse(value);
  if (!shape.success)
    return fail(...withoutEchoes(shape.error.issues.flatMap((issue) => fromIssue(issue, value, locate))));
  const policy = { ...shape.data, metadata: { ...shape.data.metadata, generation: options.generation ?? 0 } };
  const problems = check(policy).map(({ path, ...rest }) => ({ ...locate(path), ...rest }));
  if (options.name !== undefined && policy.metadata.name !== options.name)
    problems.push({
      ...locate(['metadata', 'name']),
      message: `is ${JSON.stringify(policy.metadata.name)}, but the parameter is named ${JSON.stringify(options.name)}`,
      hint: `write name: ${options.name}`,
    });
  return problems.length > 0 ? fail(...problems) : { ok: true, policy };
}

/** One problem as compilers print them: `file:line:col path: problem (hint)`. */
export function formatProblem(file: string, { line, col, path, message, hint }: Problem): string {
  return `${file}:${line}:${col} ${path ? `${path}: ` : ''}${message}${hint ? ` (${hint})` : ''}`;
}

function fail(...problems: Problem[]): ParseResult {
  return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.col - b.col) };
}

/** A misspelt field is also a missing one; the author is told once, where it stands. */
function withoutEchoes(problems: Problem[]): Problem[] {
  const meant = new Set(
    problems.flatMap(({ path, hint }) => {
      const word = /^did you mean (.+)\?$/.exec(hint ?? '')?.[1];
      return word ? [path.replace(/[^.\]]+$/, word)] : [];
    }),
  );
  return problems.filter((p) => p.message !== 'is missing' || !meant.has(p.path));
}

function fromIssue(
  issue: z.core.$ZodIssue,
  value: unknown,
  locate: (path: Path, onKey?: boolean) => Problem,
): Problem[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeysAt(workerPolicySchema, path, value);
    return issue.keys.map((key) => ({
      ...locate([...path, key], true),
      message: 'unknown field',
      hint: didYouMean(key, known),
    }));
  }
  const given = path.reduce<unknown>(
    (node, key) => (node as Record<string | number, unknown> | undefined)?.[key],
    value,
  );
  const kinds = issue.code === 'invalid_union' ? kindsAt(workerPolicySchema, path, value) : [];
  const hint = hintFor(issue, given, kinds);
  // A field that is missing has no place of its own: its parent's place is shown, with the whole path.
  return [{ ...locate(path), message: messageOf(issue, given), ...(hint ? { hint } : {}) }];
}

function messageOf(issue: z.core.$ZodIssue, given: unknown): string {
  if (given === undefined && issue.code !== 'custom') return 'is missing';
  // The schema's own words are better than any made here; zod's stock phrases all start with one of these.
  if (!/^(Invalid|Too|Expected|Unrecognized)/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}, not ${kindOf(given)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((v) => JSON.stringify(v)).join(' or ')}`;
    case 'too_small':
      return `must ${issue.origin === 'array' ? 'have' : 'be'} ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must ${issue.origin === 'array' ? 'have' : 'be'} ${issue.inclusive === false ? 'below' : 'at most'} ${issue.maximum}`;
    case 'invalid_union':
      return 'is of no kind that is known here';
    default:
      return issue.message;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text ? '.' : ''}${key}`),
    '',
  );
}

/** Where the value at `path` (or its key) starts; the nearest parent's place when there is no such value. */
function offsetOf(document: Document, path: Path, onKey: boolean): number {
  if (onKey && path.length > 0) {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(path.at(-1)));
      if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
    }
  }
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return isNode(document.contents) && document.contents.range ? document.contents.range[0] : 0;
}
