import {
  asyncScheduler,
  catchError,
  from,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  takeUntil,
  timer,
} from 'rxjs';
import { parseRequests } from '../../policies/chaos/requests.ts';
import { classify } from '../aws/errors.ts';
import type { ParameterStore } from '../aws/parameters.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import { exhaustMapLatest } from '../loop/rx.ts';

export interface RequestWatchOptions {
  /** Each parameter in it holds the requests for the policy of its name. */
  requests: ParameterStore;
  /** Milliseconds between two looks. */
  pollInterval: number;
  wake$?: Observable<unknown>;
  stop$?: Observable<unknown>;
  scheduler?: SchedulerLike;
  /** LastLogged once about each run of failures, and about a request that is not understood. */
  onProblem: (policy: string | undefined, problem: string, hint?: string) => void;
}

/** Emits the requests of each policy whenever they change. Requests that cannot be read are none. */
export function watchRequests(options: RequestWatchOptions): Observable<PolicyEvent> {
  const { pollInterval, wake$ = NEVER, stop$ = NEVER, scheduler = asyncScheduler } = options;
  const known = new Map<string, string>();
  let failing = false;
  return merge(timer(0, pollInterval, scheduler), wake$).pipe(
    takeUntil(stop$),
    exhaustMapLatest(() =>
      from(poll(options, known)).pipe(
        mergeMap((changes) => {
          failing = false;
          return from(changes);
        }),
        catchError((error: unknown) => {
          const { message, hint } = classify(error, 'ssm:GetParametersByPath');
          if (!failing) options.onProblem(undefined, message, hint);
          failing = true;
          return of<PolicyEvent[]>().pipe(mergeMap((none) => none));
        }),
      ),
    ),
  );
}

async function poll({ requests, onProblem }: RequestWatchOptions, known: Map<string, string>): Promise<PolicyEvent[]> {
  const parameters = await requests.list();
  const changes: PolicyEvent[] = [];
  const present = new Set<string>();
  for (const { name, text } of parameters) {
    present.add(name);
    if (known.get(name) === text) continue;
    known.set(name, text);
    const parsed = parseRequests(text);
    if ('problem' in parsed)
      onProblem(name, `the request is not understood: ${parsed.problem}`, 'write it with sluice chaos run');
    changes.push({
      kind: 'requested',
      name,
      source: 'parameter',
      requests: 'requests' in parsed ? parsed.requests : [],
    });
  }
  for (const name of known.keys())
    if (!present.has(name)) {
      known.delete(name);
      changes.push({ kind: 'requested', name, source: 'parameter', requests: [] });
    }
  return changes;
}
