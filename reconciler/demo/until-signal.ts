import { color } from '../text/terminal.ts';
import type { Timers } from './timers.ts';

/** Resolves when the duration is over, or on the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilSignal(timers: Timers, duration: number | undefined, say: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    if (duration !== undefined) timers.after(duration, resolve);
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (timers.ended) process.exit(130);
        timers.end();
        say(color.dim(`\n${signal}: the load stops, and the workers finish the queue (once more ends at once)`));
        resolve();
      });
  });
}
