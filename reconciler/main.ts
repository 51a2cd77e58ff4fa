/** The composition root: settings in, a running reconciler out. The only file that knows all the adapters. */
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import {
  catchError,
  defer,
  EMPTY,
  filter,
  from,
  map,
  merge,
  mergeMap,
  type Observable,
  ReplaySubject,
  Subject,
  share,
  take,
  tap,
} from 'rxjs';
import { emptyMemory } from '../policies/memory.ts';
import type { Decision } from '../policies/model/decision.ts';
import type { Memory } from '../policies/model/memory.ts';
import type { Failure } from '../policies/model/observation.ts';
import { memoryFrom } from '../policies/restore.ts';
import type { Clients } from './aws/clients.ts';
import { classify } from './aws/errors.ts';
import { ParameterStore } from './aws/parameters.ts';
import { awsWorld } from './aws-world.ts';
import { askPipeline } from './http/ask.ts';
import type { Live, LiveEvent } from './http/live.ts';
import { listen } from './http/server.ts';
import { reconcile } from './loop/pipeline.ts';
import type { PolicyEvent } from './loop/policy-event.ts';
import type { TickRecord } from './loop/tick.ts';
import { Board } from './report/board.ts';
import { Emf } from './report/emf.ts';
import { History } from './report/history.ts';
import { DecisionLog } from './report/log.ts';
import { Metrics } from './report/metrics.ts';
import { StatusWriter } from './report/status.ts';
import { Timeline, type TimelineEntry } from './report/timeline.ts';
import type { Settings } from './settings.ts';
import { findOrphans } from './watch/orphans.ts';
import { type WatchEvent, watchPolicies } from './watch/policies.ts';
import { watchRequests } from './watch/requests.ts';

export interface Reconciler {
  /** Where HTTP listens. */
  url: string | undefined;
  /** Looks for changed policies now. */
  wake: () => void;
  /** Ends the loop: no new tick, those under way finish, the status is flushed. */
  stop: () => Promise<void>;
  /** Settles when the loop has ended. */
  done: Promise<void>;
  live: Live;
}

export interface ReconcilerOptions {
  aws: Clients;
  settings: Settings;
  log: Logger;
  /** Without HTTP (for `run --once`). */
  http?: boolean;
  /** Further wake-ups for the watch. */
  wake$?: Observable<unknown>;
}

export async function startReconciler({
  aws,
  settings,
  log,
  http = true,
  wake$,
}: ReconcilerOptions): Promise<Reconciler> {
  const board = new Board();
  const metrics = new Metrics();
  const decisions = new DecisionLog(log);
  const emf = settings.emf ? new Emf(settings.emf) : undefined;
  const events$ = new Subject<LiveEvent>();
  const asked$ = new Subject<PolicyEvent>();
  const timeline = new Timeline();
  const histories = new Map<string, History>();
  const woken$ = new Subject<void>();
  const stop$ = new ReplaySubject<void>(1);
  let polledAt: number | undefined;
  let lookedAt = Date.now();
  let watchFailure: Failure | undefined;

  aws.onCall = metrics.onCall;
  const policies = new ParameterStore(aws, settings.prefix);
  const statuses = new ParameterStore(aws, settings.statusPrefix);
  const status = new StatusWriter({
    statuses,
    interval: settings.statusInterval,
    onProblem: (policy, problem, todo) =>
      log.warn(
        {
          policy,
          problem,
          effect: 'scaling goes on; a restart would not know the last cooldowns',
          todo: todo ?? 'wait: it is tried again',
        },
        'status not written',
      ),
  });

  const look$ = merge(woken$, ...(wake$ ? [wake$] : [])).pipe(share());
  const watched$ = watchPolicies({
    policies,
    pollInterval: settings.pollInterval,
    wake$: look$,
    stop$,
    lastGood: async (name) => (await status.read(name))?.observedGeneration ?? 0,
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
    tap((event) => {
      watchFailure = noteWatch(event, watchFailure, log);
      if (event.kind !== 'change') lookedAt = Date.now();
      if (event.kind === 'polled') polledAt = lookedAt;
    }),
    share(),
  );
  const changes$ = watched$.pipe(
    filter((event) => event.kind === 'change'),
    map(({ change }): PolicyEvent => change),
  );
  // Once, when it is known which policies there are.
  const orphans$ = watched$.pipe(
    filter((event) => event.kind === 'polled'),
    take(1),
    mergeMap(() => findOrphans(statuses, new Set(board.policies.keys()))),
    mergeMap((changes) => from(changes)),
    catchError((error: unknown) => {
      const { message, hint } = classify(error, 'ssm:GetParametersByPath');
      log.warn(
        { problem: message, effect: ORPHANS_UNKNOWN, todo: hint ?? 'look at the AWS error' },
        'statuses not read',
      );
      return EMPTY;
    }),
  );
  const requests$ = watchRequests({
    requests: new ParameterStore(aws, settings.requestsPrefix),
    pollInterval: settings.pollInterval,
    wake$: look$,
    stop$,
    onProblem: (policy, problem, todo) =>
      log.warn(
        {
          ...(policy ? { policy } : {}),
          problem,
          effect: 'nobody can start or stop an experiment by request; schedules go on',
          todo: todo ?? 'wait: it is tried again',
        },
        'requests not read',
      ),
  });
  const specs$ = merge(orphans$, changes$, requests$, asked$);

  const world = awsWorld(aws, settings);
  const restore = (name: string): Observable<Memory> => defer(() => resume(status, name, log));
  /** The status as it will be, before what it says is done. */
  const persist = (name: string, memory: Memory, decision?: Decision): Observable<void> =>
    defer(() => {
      const view = board.policies.get(name) ?? { name, generation: 0 };
      return status.writeNow(board.foresee(view, memory, decision));
    });
  const live: Live = {
    board,
    timeline,
    histories,
    events$,
    versions: (name) => policies.history(name),
    request: (name, request) => askPipeline(name, request, asked$, events$),
    lookedAt: () => lookedAt,
    polledAt: () => polledAt,
    watchFailure: () => watchFailure,
  };
  const server: { url: string; server: Server } | undefined = http
    ? await listen(live, metrics.registry, settings)
    : undefined;

  const done = new Promise<void>((resolve, reject) => {
    reconcile({ specs$, world, restore, persist, stop$ }).subscribe({
      next: (event) => {
        const view = board.apply(event);
        decisions.write(event, view);
        metrics.record(event, view);
        if (event.kind === 'spec' && event.change.kind === 'deleted') status.release(view.name);
        else status.update(view);
        const line = event.kind === 'tick' ? emf?.line(event) : undefined;
        if (line) log.info(line, 'metrics');
        const entry = event.kind === 'tick' ? remember(event, histories, timeline) : undefined;
        if (event.kind === 'spec' && event.change.kind === 'deleted') {
          histories.delete(view.name);
          timeline.forget(view.name);
        }
        events$.next({ event, view, entry });
      },
      error: reject,
      complete: resolve,
    });
  });

  const ended = done.finally(async () => {
    await status.flush();
    events$.complete();
    server?.server.close();
    server?.server.closeAllConnections();
  });
  return {
    url: server?.url,
    wake: () => woken$.next(),
    stop: async () => {
      stop$.next();
      await ended;
    },
    done: ended,
    live,
  };
}

function remember(record: TickRecord, histories: Map<string, History>, timeline: Timeline): TimelineEntry | undefined {
  const { decision } = record;
  let history = histories.get(decision.policy);
  if (!history) {
    history = new History();
    histories.set(decision.policy, history);
  }
  history.add(decision);
  return timeline.add(record);
}

const ORPHANS_UNKNOWN =
  'experiments of policies that were deleted meanwhile are not looked for; a partition expires by itself';

const RESUME_ATTEMPTS = 5;

/**
 * What a policy resumes with. When its status cannot be read, scale-down waits out one cooldown, as if it had just been;
 * and nothing is written over what could not be read, since it may say what is to be taken back.
 */
async function resume(status: StatusWriter, name: string, log: Logger): Promise<Memory> {
  for (let attempt = 1; ; attempt++) {
    try {
      return memoryFrom(await status.read(name));
    } catch (error) {
      const { class: kind, message, hint } = classify(error, 'ssm:GetParameter');
      if (kind === 'transient' && attempt < RESUME_ATTEMPTS) {
        await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
        continue;
      }
      status.readLater(name);
      log.warn(
        {
          policy: name,
          problem: message,
          effect:
            'it is scaled, and the first scale-down waits for a full cooldown; until it can be read no status is written and no experiment starts',
          todo: hint ?? 'wait: it is tried again each minute',
        },
        'status not read',
      );
      return { ...emptyMemory(), lastScaleDown: { at: Date.now(), from: 0, to: 0 } };
    }
  }
}

function noteWatch(event: WatchEvent, before: Failure | undefined, log: Logger): Failure | undefined {
  if (event.kind === 'failed') {
    const { code, class: kind, message, hint } = event.failure;
    if (before?.code !== code)
      log.warn(
        {
          code,
          class: kind,
          problem: message,
          effect: 'the policies in force stay in force',
          todo: hint ?? 'wait: it is tried again',
        },
        'policies not read',
      );
    return event.failure;
  }
  if (event.kind === 'polled' && before) log.info({ policies: event.policies }, 'policies read again');
  return event.kind === 'polled' ? undefined : before;
}
