/** The short form of `sluice doctor` inside the running task: its own role, its own network, its own clock. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import type { Clients } from '../../aws/clients.ts';
import type { Live } from '../../http/live.ts';
import type { Settings } from '../../settings.ts';
import { type Examination, examine, isProblem } from '../doctor/examine.ts';
import { subjectOf } from '../doctor/subject.ts';
import { mustParse } from '../must-parse.ts';

/** Time between two looks for the first list of policies, and between two policies, in milliseconds. */
const PAUSE_MS = 1_000;

export interface ExamineOptions {
  /** Clients of its own, so that the loop never waits for a probe. */
  aws: Clients;
  live: Pick<Live, 'board' | 'polledAt'>;
  settings: Settings;
  log: Logger;
  /** Ends the examination with the process. */
  signal: AbortSignal;
  pauseMs?: number;
}

/**
 * Makes each call of each policy once, beside the loop, and logs one line a policy. It writes nothing, and an error of its own
 * ends nothing but the examination.
 */
export async function examineAtStart({
  aws,
  live,
  settings,
  log,
  signal,
  pauseMs = PAUSE_MS,
}: ExamineOptions): Promise<void> {
  // The timers do not keep the process alive.
  const pause = (): Promise<void> => wait(pauseMs, undefined, { signal, ref: false });
  try {
    while (live.polledAt() === undefined) await pause();
    for (const { name, text } of [...live.board.policies.values()]) {
      if (text === undefined) continue;
      const policy = mustParse(name, text);
      // The wake-up queue is read all the time: a probe would only take an event from it.
      const subject = subjectOf(policy, { ...settings, wakeQueue: undefined });
      tell(log, policy, await examine(aws, policy, subject, { write: false, jobSeconds: undefined }));
      await pause();
    }
  } catch (error) {
    if (signal.aborted) return;
    log.warn(
      { code: 'ExaminationFailed', err: error, effect: 'scaling goes on', todo: 'run sluice doctor yourself' },
      'examination failed',
    );
  }
}

/** Logs one line: at info when all is well, else a warning that names each call that does not work. */
function tell(log: Logger, { metadata }: WorkerPolicy, { rows, findings }: Examination): void {
  const failed = rows.filter(isProblem);
  const problems = findings.filter(({ kind }) => kind === 'problem').map(({ text }) => text);
  const allowed = rows.filter(({ verdict }) => verdict === 'allowed').length;
  const policy = metadata.name;
  if (failed.length === 0 && problems.length === 0) {
    log.info({ policy, allowed, notTried: rows.length - allowed }, 'examined');
    return;
  }
  log.warn(
    {
      code: failed[0] ? `Examined.${failed[0].verdict}` : 'Examined.problem',
      policy,
      allowed,
      calls: failed.map(({ verdict, action }) => `${action}: ${verdict}`),
      problems,
      effect: 'scaling goes on with what works',
      todo: `sluice doctor --policy ${policy} prints the statements to grant, and what to do about each problem`,
    },
    'examination found problems',
  );
}
