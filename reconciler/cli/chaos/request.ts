/** `chaos run` and `chaos stop`: a request in a parameter, and the answer in the status. */
import { userInfo } from 'node:os';
import { PATIENT_PRECONDITIONS } from '../../../policies/chaos/preconditions.ts';
import type { Answer, Run } from '../../../policies/chaos/run.ts';
import { parseDuration } from '../../../policies/grammar/duration.ts';
import { didYouMean } from '../../../policies/grammar/suggest.ts';
import type { ChaosRequest } from '../../../policies/model/observation.ts';
import type { Clients } from '../../aws/clients.ts';
import { json, note, out, UsageError, UserError } from '../io.ts';
import { requestChaos } from './ask.ts';
import { verdictColor } from './list.ts';
import { type ChaosOptions, onlySubject, openSession, runsOf, type Subject } from './session.ts';

export interface RequestOptions extends ChaosOptions {
  /** How long the request may wait for its answer. */
  expires: string;
  /** Wait until it may start, and follow the run to its verdict. */
  wait?: boolean;
}

const POLL_MS = 500;
const ASK_AGAIN_MS = 2_000;

/** `chaos run NAME`: 0 when it was accepted (with --wait: when it passed), else 1. */
export async function run(experiment: string, options: RequestOptions): Promise<number> {
  const session = await openSession(options);
  const { name, policy } = onlySubject(session);
  const names = policy?.spec.chaos.experiments.map((e) => e.name);
  if (names && !names.includes(experiment))
    throw new UserError(
      `policy ${name} has no experiment ${experiment}`,
      names.length > 0 ? didYouMean(experiment, names) : 'it has none at all; see docs/chaos.md',
    );
  const answer = await askToRun(session.aws, name, experiment, options);
  if (!answer.accepted || !options.wait) {
    if (options.json) json(answer);
    else if (answer.accepted)
      out(`accepted: ${answer.because} (run ${answer.run}); follow it: sluice chaos report ${answer.run}`);
    else out(`refused by ${answer.because}`);
    return answer.accepted ? 0 : 1;
  }
  if (!options.json) note(`accepted: ${answer.because} (run ${answer.run})`);
  const ended = await follow(name, answer.run ?? '', options);
  if (options.json) json(ended);
  else out(`${verdictColor(ended.verdict)}: ${ended.because}; the report: sluice chaos report ${ended.id}`);
  return ended.verdict === 'passed' ? 0 : 1;
}

/** `chaos stop [NAME]`: ends and reverts one experiment, or all of them. */
export async function stop(experiment: string | undefined, options: RequestOptions): Promise<number> {
  const { aws, subjects } = await openSession(options);
  const meant = subjects.filter((s) => experiment === undefined || hasRun(s, experiment) || knows(s, experiment));
  if (meant.length === 0 && experiment !== undefined)
    throw new UserError(`no policy has an experiment ${experiment}`, 'see which there are: sluice chaos list');
  // Those without any experiment need no request.
  const concerned = meant.filter((s) => runsOf(s).length > 0 || (s.policy?.spec.chaos.experiments.length ?? 0) > 0);
  const request = { action: 'stop' as const, ...(experiment === undefined ? {} : { experiment }) };
  const answers = await Promise.all(
    concerned.map(async ({ name }) => ({ policy: name, ...(await ask(aws, name, request, options)) })),
  );
  if (options.json) json({ answers });
  else if (answers.length === 0) out('no policy has an experiment');
  else for (const { policy, because } of answers) out(`${policy}: ${because}`);
  return answers.every((a) => a.accepted) ? 0 : 1;
}

const knows = ({ policy }: Subject, name: string): boolean =>
  policy?.spec.chaos.experiments.some((e) => e.name === name) ?? false;
const hasRun = (subject: Subject, name: string): boolean =>
  runsOf(subject).some((r) => r.experiment === name && r.phase !== 'ended');

/** With --wait it is asked again, for as long as the request may take, while a rail says "not now" that opens by itself. */
async function askToRun(aws: Clients, policy: string, experiment: string, options: RequestOptions): Promise<Answer> {
  const until = Date.now() + (parseDuration(options.expires) ?? 0);
  let told = '';
  for (;;) {
    const answer = await ask(aws, policy, { action: 'run', experiment }, options);
    const rail = answer.because.split(':')[0] ?? '';
    if (answer.accepted || !options.wait || !PATIENT_PRECONDITIONS.has(rail) || Date.now() >= until) return answer;
    if (rail !== told && !options.json) note(`not yet: ${answer.because}`);
    told = rail;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

function ask(
  aws: Clients,
  policy: string,
  what: Pick<ChaosRequest, 'action' | 'experiment'>,
  { expires, requestsPrefix, statusPrefix }: RequestOptions,
): Promise<Answer> {
  const patience = parseDuration(expires);
  if (patience === undefined || patience < 1_000)
    throw new UsageError(`--expires ${expires} is not a duration of a second or more`, 'such as 60s');
  return requestChaos(aws, { policy, ...what, by: userInfo().username, patience, requestsPrefix, statusPrefix });
}

async function follow(policy: string, id: string, options: ChaosOptions): Promise<Run> {
  let phase = '';
  for (;;) {
    const [subject] = (await openSession({ ...options, policy })).subjects;
    const found = subject && runsOf(subject).find((r) => r.id === id);
    if (found?.phase === 'ended') return found;
    if (found && found.phase !== phase && !options.json) note(`  ${found.phase}`);
    phase = found?.phase ?? phase;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
