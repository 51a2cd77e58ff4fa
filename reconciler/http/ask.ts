import { randomUUID } from 'node:crypto';
import { concatMap, filter, firstValueFrom, type Observable, type Observer, timeout } from 'rxjs';
import type { Answer } from '../../policies/model/chaos.ts';
import type { ChaosRequest } from '../../policies/model/observation.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import type { Report } from '../report/reporter.ts';
import type { Asked } from './live.ts';

/** Milliseconds. A tick takes a second or two; a policy that cannot be read may take one more. */
const PATIENCE_MS = 15_000;

/**
 * Puts a request of the page among those of a policy, and resolves to the answer that its next tick gives. Rejects when
 * no answer comes within 15 s.
 */
export function ask(
  name: string,
  { action, experiment, by }: Asked,
  asked$: Observer<PolicyEvent>,
  reports$: Observable<Report>,
): Promise<Answer> {
  const request: ChaosRequest = {
    id: randomUUID(),
    action,
    ...(experiment === undefined ? {} : { experiment }),
    ...(by === undefined ? {} : { by }),
    expiresAt: Date.now() + PATIENCE_MS,
  };
  const answer = firstValueFrom(
    reports$.pipe(
      concatMap(({ event }) => (event.kind === 'tick' ? (event.decision.chaos?.answers ?? []) : [])),
      filter(({ id }) => id === request.id),
      timeout({ first: PATIENCE_MS }),
    ),
  );
  asked$.next({ kind: 'requested', name, source: 'page', requests: [request] });
  return answer;
}
