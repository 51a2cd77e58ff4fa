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
import type { Aws } from '../aws/client.ts';
import { classify } from '../aws/errors.ts';
import { listParameters } from '../aws/parameters.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import { exhaustMapLatest } from '../loop/rx.ts';

export interface RequestWatchOptions {
  aws: Aws;
  /** Such as `/sluice/requests/`. */
  prefix: string;
  /** Milliseconds between two looks. */
  pollInterval: number;
  wake$?: Observable<unknown>;
  stop$?: Observable<unknown>;
  scheduler?: SchedulerLike;
  /** LastLogged once about each run of failures, and about a request that is not understood. */
  onProblem: (policy: string | undefined, problem: string, hint?: string) => void;
}

/** What people ask for, policy by policy, each time it changes. Requests that cannot be read are none. */
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

async function poll(
  { aws, prefix, onProblem }: RequestWatchOptions,
  known: Map<string, string>,
): Promise<PolicyEvent[]> {
  const parameters = await listParameters(aws, prefix);
  const changes: PolicyEvent[] = [];
  const present = new Set<string>();
  for (const { Name, Value = '' } of parameters) {
    const name = Name!.slice(prefix.length);
    present.add(name);
    if (known.get(name) === Value) continue;
    known.set(name, Value);
    const parsed = parseRequests(Value);
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
