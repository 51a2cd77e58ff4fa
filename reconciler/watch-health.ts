import type { Logger } from 'pino';
import type { Failure, Instant } from '../policies/model/observation.ts';
import { RETRIES_BY_ITSELF } from './text/words.ts';
import type { WatchEvent } from './watch/policies.ts';

/** Knows how the watch of the policies is doing, and logs when it fails and when it recovers. */
export class WatchHealth {
  /** When the watch last ended a look, well or not; at first the start of the process. */
  lookedAt: Instant = Date.now();
  /** When policies were last listed. */
  polledAt: Instant | undefined;
  /** Why the last listing failed. */
  failure: Failure | undefined;
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  note(event: WatchEvent): void {
    if (event.kind === 'change') return;
    this.lookedAt = Date.now();
    if (event.kind === 'failed') this.#failed(event.failure);
    else this.#polled(event.policies);
  }

  #failed(failure: Failure): void {
    const { code, class: kind, message: problem, hint } = failure;
    if (this.failure?.code !== code)
      this.#log.warn(
        {
          code,
          class: kind,
          problem,
          effect: 'the versions in force stay in force; an edit takes effect once the policies can be read',
          todo: hint ?? RETRIES_BY_ITSELF,
        },
        'policies not read',
      );
    this.failure = failure;
  }

  #polled(policies: number): void {
    if (this.failure) this.#log.info({ policies }, 'policies read again');
    this.polledAt = this.lookedAt;
    this.failure = undefined;
  }
}
