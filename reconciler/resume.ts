import type { Logger } from 'pino';
import {
  asyncScheduler,
  catchError,
  defer,
  map,
  type Observable,
  of,
  retry,
  type SchedulerLike,
  throwError,
  timer,
} from 'rxjs';
import { emptyMemory } from '../policies/memory.ts';
import type { Memory } from '../policies/model/memory.ts';
import { memoryFrom } from '../policies/restore.ts';
import { restored } from '../policies/snapshot.ts';
import type { StatusDocument } from '../policies/status.ts';
import { classify } from './aws/errors.ts';

/** The part of the status writer that reads. */
export interface StatusSource {
  read(name: string): Promise<StatusDocument | undefined>;
  /** Notes that the policy goes on without its status: it is read again later, and not written until then. */
  readLater(name: string): void;
}

const RETRIES = 4;
const FIRST_RETRY_MS = 1_000;

/**
 * Emits the memory that a policy resumes with. When its status cannot be read, the memory of a policy whose past is unknown
 * and that has just scaled down: it removes no worker before a full cooldown and stabilization window. Nothing is written over a status that could not be read, since
 * it may say what is to be reverted.
 */
export function resume(
  status: StatusSource,
  name: string,
  log: Logger,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<Memory> {
  return defer(() => status.read(name)).pipe(
    retry({
      count: RETRIES,
      delay: (error: unknown, attempt) =>
        classify(error, 'ssm:GetParameter').class === 'transient'
          ? timer(FIRST_RETRY_MS * 2 ** (attempt - 1), scheduler)
          : throwError(() => error),
    }),
    map(memoryFrom),
    catchError((error: unknown) => {
      const { code, message, hint } = classify(error, 'ssm:GetParameter');
      status.readLater(name);
      log.warn(
        {
          policy: name,
          code,
          problem: message,
          effect:
            'Sluice scales the service; the first scale-down waits for a full cooldown and stabilization window. It starts no experiment and writes no status until it can read this one',
          todo: hint ?? 'Sluice tries again each minute; nothing to do unless this lasts longer than 5 minutes',
        },
        'status not read',
      );
      const at = scheduler.now();
      return of({ ...emptyMemory(), ...restored(undefined), lastScaleDown: { at, from: 0, to: 0 } });
    }),
  );
}
