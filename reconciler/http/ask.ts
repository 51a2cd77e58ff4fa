import { randomUUID } from 'node:crypto';
import { filter, firstValueFrom, map, merge, type Observable, type Observer, timeout } from 'rxjs';
import type { Answer } from '../../policies/model/chaos.ts';
import type { ChaosRequest } from '../../policies/model/observation.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import type { LiveEvent } from './live.ts';

/** A tick takes a second or two; a policy that cannot be read may take one more. */
const PATIENCE_MS = 15_000;

/** Puts a request of the page among those of a policy, and resolves to the answer that its next tick gives. */
export function askPipeline(
  name: string,
  { action, experiment, by }: Pick<ChaosRequest, 'action' | 'experiment' | 'by'>,
  asked$: Observer<PolicyEvent>,
  events$: Observable<LiveEvent>,
): Promise<Answer> {
  const request: ChaosRequest = {
    id: randomUUID(),
    action,
    ...(experiment === undefined ? {} : { experiment }),
    ...(by === undefined ? {} : { by }),
    expiresAt: Date.now() + PATIENCE_MS,
  };
  const answer = firstValueFrom(
    merge(events$).pipe(
      map(({ event }) =>
        event.kind === 'tick' ? event.decision.chaos?.answers.find((a) => a.id === request.id) : undefined,
      ),
      filter((found) => found !== undefined),
      timeout({ first: PATIENCE_MS }),
    ),
  );
  asked$.next({ kind: 'requested', name, source: 'page', requests: [request] });
  return answer;
}
