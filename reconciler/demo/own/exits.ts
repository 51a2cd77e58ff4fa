import { formatDuration } from '../../../policies/grammar/duration.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';

/** A task that ended by itself: nobody scaled in, deployed or injected a fault. */
export interface Exit {
  taskId: string;
  /** Undefined when the task never started. */
  exitCode: number | undefined;
  reason: string;
  /** Milliseconds; undefined when the task never started. */
  lived: number | undefined;
  /** The last lines that it printed, oldest first. */
  lastLines: readonly string[];
  logFile: string;
}

/** A task that ends sooner than this after its start counts as one that did not start well. */
const HEALTHY_MS = 10_000;
/** Exits right after a start, in a row, that make a crash loop. */
const LOOP = 3;

/** Tells exits, each crash loop only once in full: the same lines again and again would hide all else. */
export class Exits {
  #inARow = 0;
  count = 0;

  /** Returns the lines to show for an exit; none while a crash loop goes on. */
  note(exit: Exit): string[] {
    this.count++;
    const early = exit.lived === undefined || exit.lived < HEALTHY_MS;
    this.#inARow = early ? this.#inARow + 1 : 0;
    if (this.#inARow > LOOP) return [];
    const lines = [`${whatHappened(exit)}. Its log: ${exit.logFile}`];
    lines.push(...exit.lastLines.map((line) => `  | ${escapeTerminal(line)}`));
    if (this.#inARow === LOOP)
      lines.push(
        `${LOOP} tasks in a row ended right after their start: a crash loop. ECS waits longer before each next start. ` +
          'Fix the command of --worker and start again',
      );
    return lines;
  }

  /** A worker that has lived for long ends a loop. */
  healthy(): void {
    this.#inARow = 0;
  }
}

function whatHappened({ taskId, exitCode, reason, lived }: Exit): string {
  const task = `task ${taskId.slice(0, 8)}`;
  if (lived === undefined) return `${task} did not start: ${escapeTerminal(reason)}`;
  const after = formatDuration(Math.max(100, Math.round(lived / 100) * 100));
  return `${task} ended by itself ${after} after its start, with exit code ${exitCode ?? 'unknown'}`;
}
