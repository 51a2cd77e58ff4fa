import type { Logger } from 'pino';

/** Something that can fail on its own: its name for the metric, and what readers miss while it fails. */
export interface Guarded {
  readonly name: string;
  /** The subject of a sentence about a loss, such as "the log". */
  readonly keeps: string;
}

/** Lets each reporter fail alone: an error is counted, logged once for each reporter, and goes no further. */
export class ReporterGuard {
  readonly #log: Pick<Logger, 'error'>;
  readonly #count: (reporter: string) => void;
  readonly #logged = new Set<string>();

  constructor(log: Pick<Logger, 'error'>, count: (reporter: string) => void) {
    this.#log = log;
    this.#count = count;
  }

  /** Returns what `work` returns, or undefined when it throws. */
  attempt<T>(reporter: Guarded, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#failed(reporter, error);
      return undefined;
    }
  }

  #failed({ name, keeps }: Guarded, error: unknown): void {
    const first = !this.#logged.has(name);
    this.#logged.add(name);
    try {
      this.#count(name);
      if (first)
        this.#log.error(
          {
            code: 'ReporterFailed',
            reporter: name,
            err: error,
            effect: `${keeps} may miss this event and later ones; scaling and the other reporters go on`,
            todo: 'report this: it is a defect of Sluice; sluice_reporter_errors_total counts how often it happens',
          },
          'reporter failed',
        );
    } catch {
      // The log itself has failed: there is nobody left to tell, and scaling matters more.
    }
  }
}
