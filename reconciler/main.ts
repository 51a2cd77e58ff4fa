/** The composition root: settings in, a running reconciler out. The only file that knows all the adapters. */
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { defer, filter, map, merge, type Observable, ReplaySubject, Subject, tap } from 'rxjs';
import type { Memory } from '../policies/memory.ts';
import { emptyMemory } from '../policies/memory.ts';
import type { Failure } from '../policies/observation.ts';
import { memoryFrom } from '../policies/status.ts';
import type { Aws } from './aws/client.ts';
import { classify } from './aws/errors.ts';
import { awsWorld } from './aws-world.ts';
import { listen } from './http/server.ts';
import type { Live } from './live.ts';
import { type PipelineEvent, reconcile } from './pipeline.ts';
import { Board, type PolicyView } from './report/board.ts';
import { Emf } from './report/emf.ts';
import { DecisionLog } from './report/log.ts';
import { Metrics } from './report/metrics.ts';
import { StatusWriter } from './report/status.ts';
import type { Settings } from './settings.ts';
import type { SpecChange } from './spec.ts';
import { type WatchEvent, watchPolicies } from './watch/policies.ts';

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
  aws: Aws;
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
  const events$ = new Subject<{ event: PipelineEvent; view: PolicyView }>();
  const woken$ = new Subject<void>();
  const stop$ = new ReplaySubject<void>(1);
  let polledAt: number | undefined;
  let lookedAt = Date.now();
  let watchFailure: Failure | undefined;

  aws.onCall = metrics.onCall;
  const status = new StatusWriter({
    aws,
    prefix: settings.statusPrefix,
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

  const specs$ = watchPolicies({
    aws,
    prefix: settings.prefix,
    pollInterval: settings.pollInterval,
    wake$: merge(woken$, ...(wake$ ? [wake$] : [])),
    stop$,
    lastGood: async (name) => (await status.read(name))?.observedGeneration ?? 0,
  }).pipe(
    tap((event) => {
      watchFailure = noteWatch(event, watchFailure, log);
      if (event.kind !== 'change') lookedAt = Date.now();
      if (event.kind === 'polled') polledAt = lookedAt;
    }),
    filter((event) => event.kind === 'change'),
    map(({ change }): SpecChange => change),
  );

  const world = awsWorld(aws, settings);
  const restore = (name: string): Observable<Memory> => defer(() => resume(status, name, log));
  const live: Live = {
    board,
    events$,
    lookedAt: () => lookedAt,
    polledAt: () => polledAt,
    watchFailure: () => watchFailure,
  };
  const server: { url: string; server: Server } | undefined = http
    ? await listen(live, metrics.registry, settings)
    : undefined;

  const done = new Promise<void>((resolve, reject) => {
    reconcile({ specs$, world, restore, stop$ }).subscribe({
      next: (event) => {
        const view = board.apply(event);
        decisions.write(event, view);
        metrics.record(event, view);
        if (event.kind === 'spec' && event.change.kind === 'deleted') status.release(view.name);
        else status.update(view);
        const line = event.kind === 'tick' ? emf?.line(event) : undefined;
        if (line) log.info(line, 'metrics');
        events$.next({ event, view });
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

/** What a policy resumes with. When its status cannot be read, scale-down waits out one cooldown, as if it had just been. */
async function resume(status: StatusWriter, name: string, log: Logger): Promise<Memory> {
  for (let attempt = 1; ; attempt++) {
    try {
      return memoryFrom(await status.read(name));
    } catch (error) {
      const { class: kind, message, hint } = classify(error, 'ssm:GetParameter');
      if (kind === 'transient' && attempt < 3) continue;
      status.forgetStored(name);
      log.warn(
        {
          policy: name,
          problem: message,
          effect: 'the first scale-down waits for a full cooldown',
          todo: hint ?? 'look at the AWS error',
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
