import { formatDuration } from '../../policies/grammar/duration.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import { LOG_FILE } from '../text/log-lines.ts';
import { color } from '../text/terminal.ts';
import { NAMES } from './provision.ts';
import { PREFIX } from './reconciler.ts';
import type { Scenario } from './scenario.ts';

export interface Greeting {
  scenario: Scenario;
  policy: string;
  endpoint: string;
  port: number;
  /** Milliseconds; undefined runs until Ctrl-C. */
  duration: number | undefined;
}

/** Returns the first lines of a run: the addresses, and commands to try. */
export function greeting({ scenario, policy, endpoint, port, duration }: Greeting): string {
  const page = port === 0 ? '(any free port: see "started" in the log)' : `http://127.0.0.1:${port}`;
  const { queue, cluster, service } = NAMES;
  return `${color.bold('Sluice')} runs on this machine. Scenario ${color.bold(scenario.name)}: ${escapeTerminal(scenario.description)}.

  page   ${page}
  AWS    ${endpoint}  (queue ${queue}, service ${cluster}/${service}, policy ${PREFIX}${policy})
  log    ${LOG_FILE}

Try, in another terminal and this folder:
  npx sluice status --local ${policy}
  npx sluice policy edit ${policy} --local        # set minWorkers to 5, and watch the fleet follow
  npx sluice explain ${policy}

${duration === undefined ? 'Ctrl-C ends it, with a summary.' : `It ends after ${formatDuration(duration)}, with a summary. Ctrl-C ends it earlier.`}
`;
}
