import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, isNode, LineCounter, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../policies/grammar/duration.ts';
import { didYouMean } from '../../policies/grammar/suggest.ts';
import { readInput } from '../text/input.ts';
import { UserError } from '../text/user-error.ts';

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === undefined) context.addIssue({ code: 'custom', message: 'must be a duration such as 10s' });
  return ms ?? 0;
});

const rate = z.number().min(0);

const schema = z.strictObject({
  description: z.string(),
  /** Factor by which times and rates below run faster; the policy's do not. */
  timeScale: z.number().positive().default(1),
  load: z.strictObject({
    phases: z
      .array(z.strictObject({ for: z.number().positive(), rate: z.union([rate, z.tuple([rate, rate])]) }))
      .min(1),
    repeat: z.boolean().default(false),
  }),
  /** Service times; see examples/load/service-time.ts. */
  jobs: z.string(),
  startUp: duration.default(1_500),
  stopTimeout: duration.default(10_000),
  visibilityTimeout: duration.default(30_000),
  concurrency: z.int().positive().default(1),
  events: z
    .array(
      z
        .strictObject({
          at: duration,
          every: duration.optional(),
          /** Ends a worker with SIGKILL, like a crash. */
          kill: z.literal('worker').optional(),
          /** Asks for an experiment of the policy, as `sluice chaos run` does. */
          experiment: z.string().optional(),
        })
        .refine(
          (e) => (e.kill === undefined) !== (e.experiment === undefined),
          'must have exactly one of kill and experiment',
        ),
    )
    .default([]),
  /** The policy's `spec` without queue and service. */
  policy: z.record(z.string(), z.unknown()),
});

export type Scenario = z.output<typeof schema> & { name: string };

/** Returns the folder of the scenarios that come with Sluice: beside dist/ in a package, and in a clone. */
function folder(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'examples', 'scenarios'))) {
    if (dirname(at) === at)
      throw new UserError('examples/scenarios is missing from this installation', 'install sluice again');
    at = dirname(at);
  }
  return join(at, 'examples', 'scenarios');
}

/** Returns the names of the scenarios that come with Sluice, sorted. */
export function scenarioNames(): string[] {
  return readdirSync(folder())
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** Returns a scenario by its name, or from a file. Throws UserError with what is wrong, and where. */
export async function loadScenario(nameOrFile: string): Promise<Scenario> {
  const isFile = /\.ya?ml$/.test(nameOrFile);
  if (!isFile && !scenarioNames().includes(nameOrFile))
    throw new UserError(`there is no scenario ${nameOrFile}`, didYouMean(nameOrFile, scenarioNames()));
  const file = isFile ? nameOrFile : join(folder(), `${nameOrFile}.yaml`);
  return { ...parseScenario(await readInput(file), file), name: basename(file).replace(/\.ya?ml$/, '') };
}

/** Parses the text of a scenario. Throws UserError with one line per problem: file:line:col path: problem. */
export function parseScenario(text: string, file: string): z.output<typeof schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const broken = document.errors.map((e) => `${place(e.pos[0])}: ${e.message}`);
  if (broken.length > 0) throw invalid(file, broken);
  const parsed = schema.safeParse(toValue(document, file));
  if (parsed.success) return parsed.data;
  const startOf = (path: readonly PropertyKey[]): number => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  throw invalid(
    file,
    parsed.error.issues.map((i) => `${place(startOf(i.path))} ${i.path.join('.') || 'the document'}: ${i.message}`),
  );
}

/** YAML can say what no value can: an alias of nothing, or more aliases than memory holds. */
function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw invalid(file, [`${file}:1:1: ${(error as Error).message}`]);
  }
}

const invalid = (file: string, problems: readonly string[]): UserError =>
  new UserError(`${file} is not a valid scenario`, 'fix these lines and try again', problems);

/** Returns the policy of a scenario as a document that people can edit. */
export function policyText(
  { policy }: Scenario,
  names: Record<'policy' | 'queue' | 'cluster' | 'service', string>,
): string {
  const service = { cluster: names.cluster, name: names.service };
  const document = {
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name: names.policy },
    spec: { mode: 'enforce', queue: { name: names.queue }, service, ...policy },
  };
  return stringify(document, { flowCollectionPadding: true });
}
