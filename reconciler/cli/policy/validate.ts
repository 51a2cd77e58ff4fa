import { formatProblem, type Problem, parsePolicy } from '../../../policies/document/parse.ts';
import { warningsOn } from '../../../policies/document/warnings.ts';
import { color, json, out, readInput } from '../io.ts';

/** `policy validate FILE...`: one line a problem, `file:line:col path: problem (hint)`. Status 1 when there is any. Notes are no problems. */
export async function validate(files: string[], options: { json?: boolean }): Promise<number> {
  const results: { file: string; valid: boolean; problems: Problem[]; notes: string[] }[] = [];
  for (const file of files) {
    const parsed = parsePolicy(await readInput(file));
    results.push({
      file,
      valid: parsed.ok,
      problems: parsed.ok ? [] : parsed.problems,
      notes: parsed.ok ? warningsOn(parsed.policy) : [],
    });
  }
  if (options.json) json({ results });
  else
    for (const { file, valid, problems, notes } of results) {
      const shown = file === '-' ? '<stdin>' : file;
      if (valid) out(`${shown}: ${color.green('valid')}`);
      for (const text of notes) out(`${shown}: ${color.yellow('note')}: ${text}`);
      for (const problem of problems) out(formatProblem(shown, problem));
    }
  return results.every((r) => r.valid) ? 0 : 1;
}
