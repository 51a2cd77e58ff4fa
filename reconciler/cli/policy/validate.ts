import { formatProblem, type Problem, parsePolicy } from '../../../policies/document/parse.ts';
import { warningsOn } from '../../../policies/document/warnings.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { readInput } from '../../text/input.ts';
import { color, json, out } from '../../text/terminal.ts';
import type { Configure } from '../command.ts';
import { withJson } from '../options.ts';

export const configure: Configure = (command, exit) =>
  withJson(command)
    .argument('<files...>', 'YAML or JSON; - is stdin')
    .action(async (files: string[], options: { json?: boolean }) => exit(await validate(files, options)));

interface Checked {
  file: string;
  valid: boolean;
  problems: Problem[];
  warnings: string[];
}

/** Prints one line per problem, `file:line:col path: problem (hint)`. Status 1 when there is any; warnings are none. */
async function validate(files: string[], options: { json?: boolean }): Promise<number> {
  const results: Checked[] = [];
  for (const file of files) results.push(check(file, await readInput(file)));
  if (options.json) json({ results });
  else for (const result of results) print(result);
  return results.every((r) => r.valid) ? 0 : 1;
}

function check(file: string, text: string): Checked {
  const parsed = parsePolicy(text);
  return parsed.ok
    ? { file, valid: true, problems: [], warnings: warningsOn(parsed.policy) }
    : { file, valid: false, problems: parsed.problems, warnings: [] };
}

function print({ file, valid, problems, warnings }: Checked): void {
  const shown = file === '-' ? '<stdin>' : escapeTerminal(file);
  if (valid) out(`${shown}: ${color.green('valid')}`);
  for (const text of warnings) out(`${shown}: ${color.yellow('warning')}: ${escapeTerminal(text)}`);
  for (const problem of problems) out(escapeTerminal(formatProblem(shown, problem)));
}
