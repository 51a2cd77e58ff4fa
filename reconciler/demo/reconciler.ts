import { LOG_FILE } from '../text/log-lines.ts';
import { type LogRecord, parseRecord } from '../text/log-record.ts';
import type { Cloud } from './cloud.ts';
import { variablesOf } from './env-file.ts';
import { Supervisor } from './supervise.ts';

export const PREFIX = '/sluice/policies/';

export interface ReconcilerOptions {
  cloud: Cloud;
  /** Port of the page; 0 takes any. */
  port: number;
  /** Folder with the logs of the tasks. */
  taskLogs?: string;
  onRecord: (record: LogRecord) => void;
  /** Called with each line that is not a log record. */
  onLine: (line: string) => void;
  /** Called with words when it ended and starts again. */
  onRestart: (how: string) => void;
}

/** Starts `sluice run` against the embedded AWS in a process of its own, as on ECS, and restarts it whenever it ends. */
export function superviseReconciler({
  cloud,
  port,
  taskLogs,
  onRecord,
  onLine,
  onRestart,
}: ReconcilerOptions): Supervisor {
  const supervisor = new Supervisor({
    args: [
      ...['run', '--port', String(port), '--prefix', PREFIX],
      // The embedded CloudWatch publishes each second.
      ...['--metrics-interval', '2s', '--metrics-period', '1s'],
      // The page of a demo on this machine may start and stop experiments.
      ...['--local-writes', 'yes'],
      ...(taskLogs === undefined ? [] : ['--task-logs', taskLogs]),
    ],
    env: environmentOf(cloud),
    logFile: LOG_FILE,
    onLine: (line) => {
      const record = parseRecord(line);
      if (record) onRecord(record);
      else onLine(line);
    },
    onRestart,
  });
  supervisor.start();
  return supervisor;
}

/** This process's environment without anything that points at another AWS, and with the run's endpoint and keys. */
function environmentOf({ reach, reconcilerKey }: Cloud): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => !/^(AWS_(?!SDK_)|SLUICE_)/.test(name));
  const key = reconcilerKey && {
    AWS_ACCESS_KEY_ID: reconcilerKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: reconcilerKey.secretAccessKey,
    AWS_SESSION_TOKEN: reconcilerKey.sessionToken,
  };
  return { ...Object.fromEntries(rest), ...variablesOf(reach), ...key };
}
