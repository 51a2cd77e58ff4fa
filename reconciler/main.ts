/** The composition root: settings in, a running reconciler out. It puts the parts together and decides nothing. */
import type { Logger } from 'pino';
import {
  defer,
  ignoreElements,
  lastValueFrom,
  map,
  merge,
  NEVER,
  type Observable,
  ReplaySubject,
  Subject,
  share,
} from 'rxjs';
import type { Clients } from './aws/clients.ts';
import { classify } from './aws/errors.ts';
import { ParameterStore } from './aws/parameters.ts';
import { awsWorld } from './aws-world.ts';
import { ask } from './http/ask.ts';
import type { Live, Versions } from './http/live.ts';
import { listen } from './http/server.ts';
import { inputs } from './inputs.ts';
import { reconcile } from './loop/pipeline.ts';
import type { PolicyEvent } from './loop/policy-event.ts';
import { Board } from './report/board.ts';
import { Emf } from './report/emf.ts';
import { Histories } from './report/history.ts';
import { DecisionLog } from './report/log.ts';
import { Metrics } from './report/metrics.ts';
import { type Report, reportTo } from './report/reporter.ts';
import { ReporterGuard } from './report/reporter-guard.ts';
import { StackMetrics } from './report/stack-metrics.ts';
import { statusReporter } from './report/status-reporter.ts';
import { Timeline } from './report/timeline.ts';
import { resume } from './resume.ts';
import type { Settings } from './settings.ts';
import { statusWriter, warnOfUnwritten } from './status-writing.ts';
import { WatchHealth } from './watch-health.ts';

export interface Reconciler {
  /** The address of HTTP; undefined without HTTP. */
  url: string | undefined;
  /** Looks for changed policies now. */
  wake: () => void;
  /** Ends the loop: no tick starts any more, those under way finish, and the statuses are written. */
  stop: () => Promise<void>;
  /** Settles when the loop has ended. */
  done: Promise<void>;
  live: Live;
}

export interface ReconcilerOptions {
  aws: Clients;
  settings: Settings;
  log: Logger;
  /** False for `run --once`. */
  http?: boolean;
  /** Further wake-ups for the watch. */
  wake$?: Observable<unknown>;
}

export async function startReconciler(options: ReconcilerOptions): Promise<Reconciler> {
  const { aws, settings, log, http = true, wake$ = NEVER } = options;
  // Calls from outside become streams here; everything else is made of operators.
  const woken$ = new Subject<void>();
  const asked$ = new Subject<PolicyEvent>();
  const stop$ = new ReplaySubject<void>(1);
  let stoppedAt: number | undefined;

  const metrics = new Metrics();
  const stackMetrics = settings.emf ? new StackMetrics(log, settings.emf) : undefined;
  aws.onCall = (call) => {
    metrics.onCall(call);
    stackMetrics?.onCall(call);
  };
  const board = new Board();
  const timeline = new Timeline();
  const histories = new Histories();
  const health = new WatchHealth(log);
  const guard = new ReporterGuard(log, metrics.onReporterError);
  const policies = new ParameterStore(aws, settings.prefix);
  const statuses = new ParameterStore(aws, settings.statusPrefix);
  const status = statusWriter(statuses, settings, log);

  const live: Live = {
    board,
    timeline,
    histories,
    guard,
    lookedAt: () => health.lookedAt,
    polledAt: () => health.polledAt,
    watchFailure: () => health.failure,
    versions: (name) => versionsOf(policies, name),
    request: (name, asked) => ask(name, asked, asked$, reports$),
  };
  const site = http ? await listen(live, metrics.registry, settings) : undefined;

  const specs$ = inputs({
    policies,
    statuses,
    requests: new ParameterStore(aws, settings.requestsPrefix),
    pollInterval: settings.pollInterval,
    log,
    health,
    stop$,
    look$: merge(woken$, wake$).pipe(share()),
    lastGood: async (name) => (await status.read(name))?.observedGeneration ?? 0,
    known: () => new Set(board.policies.keys()),
  });
  const reporters = [
    new DecisionLog(log),
    metrics,
    statusReporter(status),
    ...(stackMetrics ? [stackMetrics] : []),
    ...(settings.emf && settings.policyMetrics ? [new Emf(log, settings.emf)] : []),
    histories,
    timeline,
    ...(site ? [site.stream] : []),
  ];
  const reports$: Observable<Report> = reconcile({
    specs$: merge(specs$, asked$),
    world: awsWorld(aws, settings),
    restore: (name) => resume(status, name, log),
    persist: (name, memory, decision) =>
      defer(() => status.writeNow(board.foresee(board.view(name), memory, decision))),
    stop$,
  }).pipe(map(reportTo(board, reporters, guard)), share());

  const done = lastValueFrom(reports$.pipe(ignoreElements()), { defaultValue: undefined }).finally(async () => {
    const elapsed = Date.now() - (stoppedAt ?? Date.now());
    const unwritten = await status.flush(Math.max(1_000, settings.shutdownTimeout - SHUTDOWN_MARGIN_MS - elapsed));
    if (unwritten.length > 0) warnOfUnwritten(unwritten, log);
    site?.close();
  });
  return {
    url: site?.url,
    wake: () => woken$.next(),
    stop: () => {
      stoppedAt ??= Date.now();
      stop$.next();
      return done;
    },
    done,
    live,
  };
}

/** Time that a shutdown keeps for closing HTTP and the clients after the last status, in milliseconds. */
const SHUTDOWN_MARGIN_MS = 2_000;
const versionsOf = (policies: ParameterStore, name: string): Promise<Versions> =>
  policies.history(name).then(
    (versions) => ({ ok: true, versions }),
    (error: unknown) => ({ ok: false, failure: classify(error, 'ssm:GetParameterHistory') }),
  );
