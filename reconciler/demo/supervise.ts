import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { UserError } from '../text/user-error.ts';

export interface SupervisorOptions {
  /** The program; default: this process's own. */
  program?: string;
  /** Milliseconds before the second start; default 500. Each failed start doubles it. */
  firstDelay?: number;
  /** Arguments after the program's own file. */
  args: string[];
  env: NodeJS.ProcessEnv;
  /** The file that every printed line is appended to. */
  logFile: string;
  onLine: (line: string) => void;
  /** Called with words when the process ended by itself and starts again. */
  onRestart: (how: string) => void;
}

/** The variable that marks a reconciler which must not outlive the process that started it. */
export const SUPERVISED = 'SLUICE_SUPERVISED';

/** An exit this soon after a start counts as a failed start. */
const HEALTHY_MS = 5_000;
/** Failed starts in a row after which the supervisor gives up: by then about 4 s have passed. */
const MOST_FAILED_STARTS = 4;
const FIRST_DELAY_MS = 500;
/** A process that was killed is healthy otherwise, and starts again at once. */
const KILLED_DELAY_MS = 100;
/** SIGKILL follows SIGTERM after this time. */
const KILL_AFTER_MS = 25_000;
/** Lines that are shown of a process that does not start. */
const LAST_LINES = 5;

/**
 * Runs the reconciler in a process of its own and starts it again whenever it ends. An IPC channel ties it to this
 * process: when this one dies, however it dies, the channel closes and the reconciler ends too.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #log: WriteStream;
  /** Rejects with UserError, which holds the last lines, once the process has failed to start several times in a row. */
  readonly gaveUp: Promise<never>;
  #giveUp: (error: UserError) => void = () => {};
  #child: ChildProcess | undefined;
  #stopping = false;
  #failedStarts = 0;
  #restarts = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#log = createWriteStream(options.logFile, { flags: 'w', mode: 0o600 });
    // A full disk costs the log file, not the demo.
    this.#log.on('error', (error) => options.onRestart(`the log file cannot be written: ${error.message}`));
    this.gaveUp = new Promise((_, reject) => {
      this.#giveUp = reject;
    });
    // Without this, a supervisor that nobody waits for would end the process.
    this.gaveUp.catch(() => {});
  }

  /** How often the process was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  start(): void {
    const startedAt = Date.now();
    const lines: string[] = [];
    const child = spawn(process.execPath, [this.#options.program ?? process.argv[1]!, ...this.#options.args], {
      env: { ...this.#options.env, [SUPERVISED]: '1' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C in a terminal goes to the whole group, and the reconciler works until the queue is empty.
      detached: true,
    });
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (lines.length > LAST_LINES) lines.shift();
        this.#log.write(`${line}\n`);
        this.#options.onLine(line);
      });
    // Not `exit`: the last lines may still be on their way then.
    child.on('close', (code, signal) => this.#ended(code, signal, Date.now() - startedAt, lines));
  }

  #ended(code: number | null, signal: NodeJS.Signals | null, lived: number, lines: readonly string[]): void {
    if (this.#stopping) return;
    const how = signal ?? `status ${code}`;
    const failed = signal === null && lived < HEALTHY_MS;
    this.#failedStarts = failed ? this.#failedStarts + 1 : 0;
    if (this.#failedStarts >= MOST_FAILED_STARTS) {
      const message = `the reconciler ended ${this.#failedStarts} times right after its start (${how})`;
      this.#giveUp(new UserError(message, 'fix what its last lines say, and start again', lines));
      return;
    }
    this.#restarts++;
    this.#options.onRestart(`the reconciler ended (${how}); Sluice starts it again`);
    const { firstDelay = FIRST_DELAY_MS } = this.#options;
    const delay = failed ? firstDelay * 2 ** (this.#failedStarts - 1) : KILLED_DELAY_MS;
    setTimeout(() => !this.#stopping && this.start(), delay);
  }

  /** Ends the process: SIGTERM, and SIGKILL if that does not help. */
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
    await new Promise<void>((resolve) => this.#log.end(() => resolve()));
  }
}
