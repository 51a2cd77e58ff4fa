import { writeFile } from 'node:fs/promises';
import { didYouMean } from '../../../policies/grammar/suggest.ts';
import type { Run } from '../../../policies/model/run.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { isoTimes } from '../../text/iso-times.ts';
import { json, out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { Configure } from '../command.ts';
import { reportHtml } from './html.ts';
import { withExperiments } from './options.ts';
import { runText } from './run-text.ts';
import { type ChaosOptions, openSession, runsOf } from './session.ts';

interface ReportOptions extends ChaosOptions {
  html?: string;
}

export const configure: Configure = (command, exit) =>
  withExperiments(command)
    .argument('[run]', 'a run, or the last run of an experiment (default: all that the status keeps)')
    .option('--html <file>', 'write a page with a chart')
    .action(async (run: string | undefined, options: ReportOptions) => exit(await report(run, options)));

/** One run, and the policy that it belongs to. */
interface PolicyRun {
  policy: string;
  run: Run;
}

/** Prints what runs did, what they showed, and their verdicts; or writes a page. */
async function report(id: string | undefined, options: ReportOptions): Promise<number> {
  const { subjects } = await openSession(options);
  const all = subjects.flatMap((s) => runsOf(s).map((run) => ({ policy: s.name, run })));
  const chosen = id === undefined ? all : choose(all, id);
  if (options.html !== undefined) await writePage(options.html, chosen);
  else if (options.json) json(isoTimes({ runs: chosen }));
  else if (chosen.length === 0) out('no experiment has run yet');
  else out(chosen.map(({ policy, run }) => runText(policy, run)).join('\n\n'));
  return 0;
}

function choose(all: readonly PolicyRun[], id: string): PolicyRun[] {
  const found = all.find(({ run }) => run.id === id || run.experiment === id);
  if (found) return [found];
  const ids = all.map(({ run }) => run.id);
  throw new UserError(
    `there is no run ${id}`,
    ids.length > 0
      ? didYouMean(id, ids)
      : 'no experiment has run yet; the status keeps the last six runs, the log keeps all',
  );
}

async function writePage(file: string, runs: readonly PolicyRun[]): Promise<void> {
  await writeFile(file, reportHtml(runs)).catch((error: Error) => {
    throw new UserError(`cannot write ${file}: ${error.message}`, 'check the path and its permissions');
  });
  out(`wrote ${escapeTerminal(file)}: ${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`);
}
