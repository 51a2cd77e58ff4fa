/** All that comes in: changes of policies, experiments that lost their policy, and requests of people. */
import type { Logger } from 'pino';
import { concatMap, defer, filter, from, map, merge, type Observable, retry, share, take, tap, timer } from 'rxjs';
import type { Claim } from '../policies/model/claim.ts';
import { classify } from './aws/errors.ts';
import type { ParameterStore } from './aws/parameters.ts';
import type { PolicyEvent } from './loop/policy-event.ts';
import { REPORT_DEFECT, RETRIES_BY_ITSELF } from './text/words.ts';
import { findOrphans } from './watch/orphans.ts';
import { watchPolicies } from './watch/policies.ts';
import { watchRequests } from './watch/requests.ts';
import type { WatchHealth } from './watch-health.ts';

export interface InputOptions {
  /** The parameters that people and Sluice write: documents, statuses, requests. */
  policies: ParameterStore;
  statuses: ParameterStore;
  requests: ParameterStore;
  /** Milliseconds between two looks. */
  pollInterval: number;
  log: Logger;
  health: WatchHealth;
  /** Looks at once when it emits. */
  look$: Observable<unknown>;
  stop$: Observable<unknown>;
  /** Returns the version that was in force before a restart; 0 when none is known. */
  lastGood: (name: string) => Promise<number>;
  /** Returns the claim on a service that a policy's status holds. */
  claimOf: (name: string) => Promise<Claim | undefined>;
  /** Returns the names of the policies that there are. */
  known: () => ReadonlySet<string>;
}

/** After an input breaks, it starts anew this many milliseconds later. */
const RESTART_MS = 5_000;
const ORPHANS_RETRY_MS = 60_000;

/** Emits everything that policies have to know. The watches end at `stop$`; nothing here fails. */
export function inputs(options: InputOptions): Observable<PolicyEvent> {
  const { policies, statuses, requests, pollInterval, log, health, look$, stop$ } = options;
  const watched$ = watchPolicies({
    policies,
    pollInterval,
    wake$: look$,
    stop$,
    lastGood: options.lastGood,
    claimOf: options.claimOf,
    reserved: [policies, statuses, requests].map(({ prefix }) => prefix),
    onProblem: (policy, { code, message: problem, hint }) =>
      log.warn(
        {
          policy,
          code,
          problem,
          effect: 'no version is in force; the service is not touched',
          todo: hint ?? 'store a valid version: sluice policy rollback',
        },
        'older version not read',
      ),
  }).pipe(
    tap((event) => health.note(event)),
    restarted('policies', log),
    share(),
  );
  const changes$ = watched$.pipe(
    filter((event) => event.kind === 'change'),
    map(({ change }) => change),
  );
  const listed$ = watched$.pipe(filter((event) => event.kind === 'polled'));
  const requests$ = watchRequests({
    requests,
    pollInterval,
    wake$: look$,
    stop$,
    onProblem: (policy, problem, todo, code) =>
      log.warn(
        {
          ...(policy ? { policy } : {}),
          ...(code ? { code } : {}),
          problem,
          effect: 'Sluice carries out no request until it can read it; schedules go on',
          todo: todo ?? RETRIES_BY_ITSELF,
        },
        'requests not read',
      ),
  }).pipe(restarted('requests', log));
  return merge(orphans(listed$, options), changes$, requests$);
}

/** Looks for experiments whose policy is gone: once, as soon as it is known which policies there are. */
function orphans(listed$: Observable<unknown>, { statuses, log, known }: InputOptions): Observable<PolicyEvent> {
  let failing = false;
  const find$ = defer(() => findOrphans(statuses, known())).pipe(
    retry({
      delay: (error: unknown) => {
        const { code, message: problem, hint } = classify(error, 'ssm:GetParametersByPath');
        if (!failing)
          log.warn(
            {
              code,
              problem,
              effect:
                'Sluice does not know yet whether deleted policies have left experiments behind; a partition expires by itself',
              todo: hint ?? 'Sluice tries again each minute; nothing to do unless this lasts longer than 5 minutes',
            },
            'statuses not read',
          );
        failing = true;
        return timer(ORPHANS_RETRY_MS);
      },
    }),
  );
  return listed$.pipe(
    take(1),
    concatMap(() => find$),
    concatMap((changes) => from(changes)),
  );
}

/** Starts an input anew when it fails in a way that it should not: the policies in force do not notice. */
function restarted<T>(input: string, log: Logger): (source$: Observable<T>) => Observable<T> {
  return retry({
    delay: (error: unknown) => {
      log.error(
        {
          input,
          err: error,
          effect: `Sluice reads the ${input} anew in 5 s; the versions in force stay in force`,
          todo: REPORT_DEFECT,
        },
        'input broke',
      );
      return timer(RESTART_MS);
    },
  });
}
