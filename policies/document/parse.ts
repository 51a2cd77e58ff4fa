/** The parser of documents: a text in YAML or JSON becomes a policy, or problems with their places. It never throws. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { within } from '../grammar/finding.ts';
import { ADVANCED_TIER_BYTES, sizeOf } from '../grammar/size.ts';
import { check } from './checks.ts';
import { type Place, placeFindings } from './place.ts';
import { problemsOf, wordsFor } from './problems.ts';
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
  /** The name that metadata.name must equal: the parameter's last path segment. Not checked when left out. */
  name?: string;
  /** The parameter's version. 0, the default, marks a document that is not stored. */
  generation?: number;
  /** Prefixes of parameters that Sluice itself writes, where they are not the usual ones. No fault may write below them. */
  reserved?: readonly string[];
  /** Region and account of the reconciler, as far as they are known. A document that names others is refused. */
  home?: Place;
}

/** Sluice's own parameters, unless its settings say otherwise. */
const RESERVED = ['/sluice/policies/', '/sluice/status/', '/sluice/requests/'];

type Path = readonly (string | number)[];

export function parsePolicy(text: string, options: ParseOptions = {}): ParseResult {
  const { bytes, tier } = sizeOf(text);
  if (!tier)
    return fail({
      line: 1,
      col: 1,
      path: '',
      message: `is ${bytes} bytes long; an SSM parameter holds at most ${ADVANCED_TIER_BYTES} bytes`,
      hint: 'shorten it: comments count too, and each service may have a policy of its own',
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
    return fail({
      line: 1,
      col: 1,
      path: '',
      message: `not valid YAML: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
  if (!isMap(document.contents))
    return fail({
      line: 1,
      col: 1,
      path: '',
      message: 'is not a WorkerPolicy document',
      hint: 'it starts with apiVersion: sluice/v1',
    });

  const locate = (path: Path, onKey = false) => ({ ...at(offsetOf(document, path, onKey)), path: formatPath(path) });
  const shape = workerPolicySchema.safeParse(value, { error: wordsFor });
  if (!shape.success)
    return fail(
      ...problemsOf(shape.error, value).map(({ path, onKey, message, hint }) => ({
        ...locate(path, onKey),
        message,
        ...(hint ? { hint } : {}),
      })),
    );
  const policy = { ...shape.data, metadata: { ...shape.data.metadata, generation: options.generation ?? 0 } };
  const misplaced = within(['spec'], placeFindings(policy.spec, options.home ?? {}));
  const problems = [...check(policy, [...RESERVED, ...(options.reserved ?? [])]), ...misplaced].map(
    ({ path, ...rest }) => ({
      ...locate(path),
      ...rest,
    }),
  );
  if (options.name !== undefined && policy.metadata.name !== options.name)
    problems.push({
      ...locate(['metadata', 'name']),
      message: `is ${JSON.stringify(policy.metadata.name)}, but the parameter is named ${JSON.stringify(options.name)}`,
      hint: `write name: ${options.name}`,
    });
  return problems.length > 0 ? fail(...problems) : { ok: true, policy };
}

/** Returns a problem as compilers print it: `file:line:col path: problem (hint)`. */
export function formatProblem(file: string, { line, col, path, message, hint }: Problem): string {
  return `${file}:${line}:${col} ${path ? `${path}: ` : ''}${message}${hint ? ` (${hint})` : ''}`;
}

function fail(...problems: Problem[]): ParseResult {
  return { ok: false, problems: problems.sort((a, b) => a.line - b.line || a.col - b.col) };
}

function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text ? '.' : ''}${key}`),
    '',
  );
}

/** Returns the offset of the value at `path` (or of its key), or of its nearest parent when there is no such value. */
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
