import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { argvOf } from './command.ts';

export interface LoadProcessOptions {
  /** The command line of --load. */
  command: string;
  env: NodeJS.ProcessEnv;
  onLine: (line: string) => void;
  /** Called once, with words such as "status 0". */
  onEnd: (how: string) => void;
}

/** Runs the user's own load in a process group of its own. */
export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor({ command, env, onLine, onEnd }: LoadProcessOptions) {
    const [program = '', ...args] = argvOf(command);
    this.#child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.#child.stdout!, this.#child.stderr!])
      createInterface({ input: stream }).on('line', onLine);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => onEnd(error.message));
      this.#child.once('close', (code, signal) => {
        onEnd(signal ?? `status ${code}`);
        resolve();
      });
    });
  }

  /** Asks it to end, and kills the whole group when that does not help within two seconds. */
  async stop(): Promise<void> {
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), 2_000);
    await this.#ended;
    clearTimeout(timer);
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has just ended.
    }
  }
}
