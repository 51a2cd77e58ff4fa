import type { Logger } from 'pino';
import type { ParameterStore } from './aws/parameters.ts';
import { StatusWriter } from './report/status.ts';
import type { Settings } from './settings.ts';
import { RETRIES_BY_ITSELF } from './text/words.ts';

/** Names of policies that one log record holds. */
const MOST_NAMES = 10;

/** Logs the policies whose status was not stored before the end of the process. */
export function warnOfUnwritten(policies: readonly string[], log: Logger): void {
  const more = policies.length > MOST_NAMES ? `, and ${policies.length - MOST_NAMES} more` : '';
  log.warn(
    {
      count: policies.length,
      policies: `${policies.slice(0, MOST_NAMES).join(', ')}${more}`,
      effect: 'experiments and scale times were stored first; the next start resumes from what is stored',
      todo: 'nothing; a longer --shutdown-timeout stores more (SSM takes about three writes a second)',
    },
    'statuses not stored at the end',
  );
}

/** Returns the status writer, which logs its trouble. */
export function statusWriter(statuses: ParameterStore, settings: Settings, log: Logger): StatusWriter {
  return new StatusWriter({
    statuses,
    interval: settings.statusInterval,
    onProblem: (policy, problem, todo, code) =>
      log.warn(
        {
          policy,
          ...(code ? { code } : {}),
          problem,
          effect: 'scaling goes on; after a restart Sluice would not know the last cooldowns',
          todo: todo ?? RETRIES_BY_ITSELF,
        },
        'status not written',
      ),
    onDamage: (policy, problem) =>
      log.warn(
        {
          policy,
          problem,
          effect: 'Sluice goes on with the rest of the stored status',
          todo: 'find out who else writes below the status prefix; Sluice stores a whole status at its next write',
        },
        'stored status damaged',
      ),
  });
}
