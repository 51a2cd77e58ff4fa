import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../policies/grammar/duration.ts';
import { didYouMean } from '../../policies/grammar/suggest.ts';
import { UserError } from '../cli/io.ts';

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === undefined) context.addIssue({ code: 'custom', message: 'must be a duration such as 10s' });
  return ms ?? 0;
});

const rate = z.number().min(0);

const schema = z.strictObject({
  description: z.string(),
  /** Everything below that is a time or a rate runs this many times as fast; the policy does not. */
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
          /** SIGKILL to a worker, as a crash would. */
          kill: z.literal('worker').optional(),
          /** An experiment of the policy, asked for as people ask for it. */
          experiment: z.string().optional(),
        })
        .refine((e) => (e.kill === undefined) !== (e.experiment === undefined), 'has exactly one of kill, experiment'),
    )
    .default([]),
  /** The policy's `spec` without queue and service. */
  policy: z.record(z.string(), z.unknown()),
});

export type Scenario = z.output<typeof schema> & { name: string };

/** The scenarios that come with Sluice; next to dist/ in a checkout and in a package. */
function folder(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, 'examples', 'scenarios'))) {
    if (dirname(at) === at)
      throw new UserError('examples/scenarios is missing from this installation', 'install sluice again');
    at = dirname(at);
  }
  return join(at, 'examples', 'scenarios');
}

export function scenarioNames(): string[] {
  return readdirSync(folder())
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** A scenario by its name, or from a file. Throws UserError with what is wrong, and where. */
export function loadScenario(nameOrFile: string): Scenario {
  const isFile = /\.ya?ml$/.test(nameOrFile);
  if (!isFile && !scenarioNames().includes(nameOrFile))
    throw new UserError(`there is no scenario ${nameOrFile}`, didYouMean(nameOrFile, scenarioNames()));
  const file = isFile ? nameOrFile : join(folder(), `${nameOrFile}.yaml`);
  if (!existsSync(file)) throw new UserError(`there is no file ${file}`);
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file}: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new UserError(
      parsed.error.issues.map((i) => `${file}: ${i.path.join('.') || '(the whole)'}: ${i.message}`).join('\n'),
    );
  return { ...parsed.data, name: basename(file).replace(/\.ya?ml$/, '') };
}

/** The scenario's policy as a document that people can edit. */
export function policyText(scenario: Scenario, name: string, queue: string, cluster: string, service: string): string {
  const document = {
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name },
    spec: { mode: 'enforce', queue: { name: queue }, service: { cluster, name: service }, ...scenario.policy },
  };
  return stringify(document, { flowCollectionPadding: true });
}
