import { createWriteStream, mkdirSync, rmSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** The folder with a file for each task of a run. */
export const TASK_LOGS = '.sluice/tasks';

/** Bytes of one task's file. A worker that prints without end must not fill the disk. */
const MOST_BYTES = 50 * 1024 * 1024;

interface TaskLog {
  stream: WriteStream;
  bytes: number;
}

/** Writes what each task prints to a file of its own. The files of the run before are removed. */
export class TaskLogs {
  readonly #logs = new Map<string, TaskLog>();

  constructor() {
    rmSync(TASK_LOGS, { recursive: true, force: true });
    mkdirSync(TASK_LOGS, { recursive: true, mode: 0o700 });
  }

  /** Appends a line to the file of a task. Past 50 MB nothing more is written. */
  write(taskId: string, line: string): void {
    const log = this.#log(taskId);
    if (log.bytes > MOST_BYTES) return;
    log.bytes += Buffer.byteLength(line) + 1;
    log.stream.write(log.bytes > MOST_BYTES ? `(Sluice keeps ${MOST_BYTES / 2 ** 20} MB of a task)\n` : `${line}\n`);
  }

  /** Closes the file of a task that has stopped. */
  close(taskId: string): void {
    this.#logs.get(taskId)?.stream.end();
    this.#logs.delete(taskId);
  }

  closeAll(): void {
    for (const taskId of [...this.#logs.keys()]) this.close(taskId);
  }

  #log(taskId: string): TaskLog {
    const known = this.#logs.get(taskId);
    if (known) return known;
    const stream = createWriteStream(logFileOf(taskId), { flags: 'a', mode: 0o600 });
    // A full disk costs the file, not the run.
    stream.on('error', () => {});
    const log = { stream, bytes: 0 };
    this.#logs.set(taskId, log);
    return log;
  }
}

export const logFileOf = (taskId: string): string => join(TASK_LOGS, `${taskId}.log`);
