import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

export interface SupervisorOptions {
  /** Arguments after the program's own file. */
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Every line that it prints is appended here. */
  logFile: string;
  onLine: (line: string) => void;
  /** LastLogged when it ended by itself and is started again. */
  onRestart: (how: string) => void;
}

/** Set for a reconciler that must not outlive the process that started it. */
export const SUPERVISED = 'SLUICE_SUPERVISED';

/** A process that ends sooner than this after its start is waited for longer before the next try. */
const HEALTHY_MS = 5_000;
const LONGEST_DELAY_MS = 10_000;
const KILL_AFTER_MS = 25_000;

/**
 * The reconciler in a process of its own, started again whenever it ends. It is tied to this one by an IPC channel: when
 * this process dies, however it dies, the channel closes and the reconciler ends too.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #log: WriteStream;
  #child: ChildProcess | undefined;
  #stopping = false;
  #quickEnds = 0;
  #restarts = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'w', mode: 0o600 });
    // A full disk costs the log file, not the demo.
    this.#log.on('error', (error) => options.onRestart(`the log cannot be written: ${error.message}`));
  }

  get restarts(): number {
    return this.#restarts;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const startedAt = Date.now();
    const child = spawn(process.execPath, [process.argv[1]!, ...this.#options.args], {
      env: { ...this.#options.env, [SUPERVISED]: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C in a terminal goes to the whole group, and the reconciler works until the queue is empty.
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', (line) => {
        this.#log.write(`${line}\n`);
        this.#options.onLine(line);
      });
    child.on('exit', (code, signal) => {
      if (this.#stopping) return;
      this.#restarts++;
      this.#quickEnds = Date.now() - startedAt < HEALTHY_MS ? this.#quickEnds + 1 : 0;
      const delay = this.#quickEnds === 0 ? 100 : Math.min(LONGEST_DELAY_MS, 500 * 2 ** this.#quickEnds);
      this.#options.onRestart(`the reconciler ended (${signal ?? `status ${code}`}); it is started again`);
      setTimeout(() => !this.#stopping && this.start(), delay);
    });
  }

  /** SIGTERM, and SIGKILL when that does not help. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
      await ended;
      clearTimeout(timer);
    }
    await new Promise((resolve) => this.#log.end(resolve));
  }
}
