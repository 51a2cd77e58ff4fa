import { escapeTerminal } from '../../text/escape-terminal.ts';
import { json, out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { Configure } from '../command.ts';
import { type AskOptions, ask } from './ask.ts';
import { withExperiments, withExpiry } from './options.ts';
import { openSession, runsOf, type Subject } from './session.ts';

export const configure: Configure = (command, exit) =>
  withExpiry(withExperiments(command))
    .argument('[experiment]')
    .action(async (name: string | undefined, options: AskOptions) => exit(await stop(name, options)));

/** Asks every policy concerned to end and revert its experiments. Status 0 when all have agreed. */
async function stop(experiment: string | undefined, options: AskOptions): Promise<number> {
  const { aws, subjects } = await openSession(options);
  const concerned = subjects.filter((s) => isConcerned(s, experiment));
  if (concerned.length === 0 && experiment !== undefined)
    throw new UserError(`no policy has an experiment ${experiment}`, 'see which there are: sluice chaos list');
  const request = { action: 'stop' as const, ...(experiment === undefined ? {} : { experiment }) };
  const answers = await Promise.all(
    concerned.map(async ({ name }) => ({ policy: name, ...(await ask(aws, name, request, options)) })),
  );
  if (options.json) json({ answers });
  else if (answers.length === 0) out('no policy has an experiment; there is nothing to stop');
  else for (const { policy, because } of answers) out(escapeTerminal(`${policy}: ${because}`));
  return answers.every((a) => a.accepted) ? 0 : 1;
}

/** True for a policy that has the experiment (or any) in its document, or a run of it that is not over. */
function isConcerned(subject: Subject, experiment: string | undefined): boolean {
  const inDocument = subject.policy?.spec.chaos.experiments ?? [];
  if (experiment === undefined) return inDocument.length > 0 || runsOf(subject).length > 0;
  return (
    inDocument.some((e) => e.name === experiment) ||
    runsOf(subject).some((r) => r.experiment === experiment && r.phase !== 'ended')
  );
}
