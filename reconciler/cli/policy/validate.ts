import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { parsePolicy } from '../../../policies/document/parse.ts';
import type { Place } from '../../../policies/document/place.ts';
import { warningsOn } from '../../../policies/document/warnings.ts';
import { readInput } from '../../text/input.ts';
import { out } from '../../text/terminal.ts';
import type { Configure } from '../command.ts';
import { withJson } from '../options.ts';
import { documentsIn } from './documents-in.ts';
import { type Other, rivalProblem } from './rivals.ts';
import { openStore } from './session.ts';
import { type Checked, FORMATS, type Format, REPORTS } from './validate-report.ts';

interface ValidateOptions {
  json?: boolean;
  format: Format;
  region?: string;
  local?: boolean;
  against?: string;
}

export const configure: Configure = (command, exit) =>
  withJson(command)
    .argument('<files...>', 'YAML or JSON; a folder stands for the policies in it; - is stdin')
    .option('--region <region>', 'refuse documents that name another Region (default: AWS_REGION)')
    .option('--local', 'with --against PREFIX: use the embedded AWS of the `sluice up` that runs in this folder')
    .option(
      '--against <where>',
      'refuse a service that another policy names: a folder, or a prefix in the account such as /sluice/policies/',
    )
    .addOption(
      new Option('--format <form>', 'text, or a form that CI shows beside the lines').choices(FORMATS).default('text'),
    )
    .action(async (files: string[], options: ValidateOptions) => exit(await validate(files, options)));

/** Prints one line per problem, `file:line:col path: problem (hint)`. Status 1 when there is any; warnings are none. */
async function validate(files: string[], { json: asJson, format, ...options }: ValidateOptions): Promise<number> {
  const region = options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  const home = region ? { region } : {};
  const others = options.against === undefined ? [] : await othersIn(options.against, options);
  const results: Checked[] = [];
  for (const file of await documentsIn(files)) results.push(check(file, await readInput(file), home, others));
  out(REPORTS[asJson ? 'json' : format](results));
  return results.every((r) => r.valid) ? 0 : 1;
}

function check(file: string, text: string, home: Place, others: readonly Other[]): Checked {
  const parsed = parsePolicy(text, { home });
  const rivals = rivalProblem(text, others);
  if (parsed.ok && rivals.length > 0) return { file, valid: false, problems: rivals, warnings: [] };
  return parsed.ok
    ? { file, valid: true, problems: [], warnings: warningsOn(parsed.policy) }
    : { file, valid: false, problems: parsed.problems, warnings: [] };
}

/** Returns the policies of a folder, or those that are stored below a prefix of the account. */
async function othersIn(where: string, options: Omit<ValidateOptions, 'json' | 'format'>): Promise<Other[]> {
  if (existsSync(where)) {
    const files = await documentsIn([where]);
    return Promise.all(files.map(async (file) => ({ name: file, text: await readInput(file) })));
  }
  const { store } = await openStore({
    prefix: where.endsWith('/') ? where : `${where}/`,
    ...(options.region ? { region: options.region } : {}),
    ...(options.local ? { local: true } : {}),
  });
  return store.all();
}
