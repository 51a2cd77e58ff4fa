import { PATIENT_PRECONDITIONS } from '../../../policies/chaos/preconditions.ts';
import { didYouMean } from '../../../policies/grammar/suggest.ts';
import type { Answer } from '../../../policies/model/chaos.ts';
import type { Run } from '../../../policies/model/run.ts';
import type { Clients } from '../../aws/clients.ts';
import { mustConfirm } from '../../text/confirm.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { isoTimes } from '../../text/iso-times.ts';
import { json, note, out } from '../../text/terminal.ts';
import { UserError } from '../../text/user-error.ts';
import type { Configure } from '../command.ts';
import { withYes } from '../options.ts';
import { type AskOptions, ask, patienceOf } from './ask.ts';
import { effectOf } from './effect.ts';
import { withExperiments, withExpiry } from './options.ts';
import { onlySubject, openSession, runsOf } from './session.ts';
import { paintVerdict } from './verdict.ts';

interface RunOptions extends AskOptions {
  wait?: boolean;
  yes?: boolean;
}

const POLL_MS = 500;
const ASK_AGAIN_MS = 2_000;

export const configure: Configure = (command, exit) =>
  withYes(withExpiry(withExperiments(command)))
    .argument('<experiment>')
    .option('--wait', 'wait until it may start, then follow it to its verdict; exits 1 unless it passed')
    .action(async (name: string, options: RunOptions) => exit(await run(name, options)));

/** Asks for an experiment. Status 0 when the request was accepted, with --wait when the run passed. */
async function run(experiment: string, options: RunOptions): Promise<number> {
  const session = await openSession(options);
  const { name, policy } = onlySubject(session);
  const known = policy?.spec.chaos.experiments.map((e) => e.name);
  if (known && !known.includes(experiment))
    throw new UserError(
      `policy ${name} has no experiment ${experiment}`,
      known.length > 0 ? didYouMean(experiment, known) : 'it has no experiments; see docs/chaos.md',
    );
  const spec = policy?.spec.chaos.experiments.find((e) => e.name === experiment);
  if (spec && policy) await mustConfirm(escapeTerminal(`${experiment} ${effectOf(spec, policy)}`), options);
  const answer = await askToRun(session.aws, name, experiment, options);
  if (!answer.accepted || !options.wait) {
    if (options.json) json(isoTimes(answer));
    else out(escapeTerminal(answerText(answer)));
    return answer.accepted ? 0 : 1;
  }
  if (!options.json) note(escapeTerminal(`accepted: ${answer.because} (run ${answer.run})`));
  const ended = await follow(name, answer.run ?? '', options);
  if (options.json) json(isoTimes(ended));
  else {
    const rest = escapeTerminal(`${ended.because}; see the report: sluice chaos report ${ended.id}`);
    out(`${paintVerdict(ended.verdict)}: ${rest}`);
  }
  return ended.verdict === 'passed' ? 0 : 1;
}

function answerText({ accepted, because, run, precondition }: Answer): string {
  if (accepted) return `accepted: ${because} (run ${run}); to follow it: sluice chaos report ${run}`;
  return `refused${precondition === undefined ? '' : ` (${precondition})`}: ${because}`;
}

/** With --wait, asks again while a precondition that heals by itself refuses, at most for as long as a request waits. */
async function askToRun(aws: Clients, policy: string, experiment: string, options: RunOptions): Promise<Answer> {
  const until = Date.now() + patienceOf(options);
  let told = '';
  for (;;) {
    const answer = await ask(aws, policy, { action: 'run', experiment }, options);
    const { precondition = '' } = answer;
    if (answer.accepted || !options.wait || !PATIENT_PRECONDITIONS.has(precondition) || Date.now() >= until)
      return answer;
    if (precondition !== told && !options.json) note(escapeTerminal(`not yet: ${answer.because}`));
    told = precondition;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/** Prints each new phase of a run, and returns the run once it has ended. */
async function follow(policy: string, id: string, options: RunOptions): Promise<Run> {
  let phase = '';
  for (;;) {
    const [subject] = (await openSession({ ...options, policy })).subjects;
    const found = subject && runsOf(subject).find((r) => r.id === id);
    if (found?.phase === 'ended') return found;
    if (found && found.phase !== phase && !options.json) note(escapeTerminal(`  ${found.phase}`));
    phase = found?.phase ?? phase;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
