import { formatDuration } from '../../../policies/grammar/duration.ts';
import { LOG_FILE } from '../../text/log-lines.ts';
import { color } from '../../text/terminal.ts';
import { ENV_FILE } from '../env-file.ts';
import { PREFIX } from '../reconciler.ts';
import { TASK_LOGS } from './task-logs.ts';

export interface OwnGreeting {
  worker: string;
  policy: string;
  endpoint: string;
  queueUrl: string;
  queues: readonly string[];
  cluster: string;
  service: string;
  port: number;
  /** Milliseconds; undefined runs until Ctrl-C. */
  duration: number | undefined;
  hasLoad: boolean;
  experiments: readonly string[];
  notes: readonly string[];
}

/** Returns the first lines of a run of own workers: the addresses, and commands to try. */
export function ownGreeting(g: OwnGreeting): string {
  const page = g.port === 0 ? '(any free port: see "started" in the log)' : `http://127.0.0.1:${g.port}`;
  const [first, ...others] = g.queues;
  const send = `. ${ENV_FILE}; aws sqs send-message --queue-url ${g.queueUrl} --message-body ...`;
  const [experiment] = g.experiments;
  const tries = [
    ...(g.hasLoad ? [] : [`${send}   # there is no --load: send jobs yourself`]),
    `npx sluice status --local ${g.policy}`,
    `npx sluice policy edit ${g.policy} --local        # change it, and watch the workers follow`,
    ...(experiment === undefined ? [] : [`npx sluice chaos run ${experiment} --local --wait`]),
  ];
  return `${color.bold('Sluice')} runs your worker on this machine: ${color.bold(g.worker)}

  page   ${page}
  AWS    ${g.endpoint}  (service ${g.cluster}/${g.service}, policy ${PREFIX}${g.policy})
  queue  ${first} (Sluice scales by it)${others.map((name) => `, ${name}`).join('')}
  logs   ${TASK_LOGS}/ID.log of each task, ${LOG_FILE} of Sluice
${g.notes.map((note) => `  note   ${note}\n`).join('')}
Try, in another terminal and this folder:
${tries.map((line) => `  ${line}`).join('\n')}

${g.duration === undefined ? 'Ctrl-C ends it, with a summary.' : `It ends after ${formatDuration(g.duration)}, with a summary. Ctrl-C ends it earlier.`}
`;
}
