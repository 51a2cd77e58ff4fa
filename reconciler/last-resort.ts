import type { Logger } from 'pino';
import { REPORT_DEFECT } from './text/words.ts';

/**
 * Logs errors that reached nobody, and ends the process only when it must. Every way in from outside has a guard of its
 * own, so each of these is a defect of Sluice.
 *
 * A rejected promise that nobody waits for has interrupted nothing: the process goes on. An exception that left a callback
 * may have cut a policy's stream in two, and that policy would never tick again. Then a new process is safer than this one:
 * it resumes from the status parameters within seconds.
 */
export function lastResort(log: Logger, end: (status: number) => void = process.exit): void {
  process.on('unhandledRejection', (error: unknown) =>
    log.error(
      { err: error, effect: 'one background task was cut short; scaling goes on', todo: REPORT_DEFECT },
      'promise not handled',
    ),
  );
  process.on('uncaughtException', (error: unknown) => {
    log.error(
      {
        err: error,
        effect: 'the process ends with status 1; the next one resumes from the status parameters',
        todo: REPORT_DEFECT,
      },
      'exception not caught',
    );
    end(1);
  });
}
