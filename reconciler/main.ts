/** The composition root: settings in, a running reconciler out. It puts the parts together and decides nothing. */
import type { Logger } from 'pino';
import {
  ignoreElements,
  lastValueFrom,
  merge,
  NEVER,
  type Observable,
  ReplaySubject,
  Subject,
  share,
  switchMap,
  takeUntil,
} from 'rxjs';
import type { ClientSettings, Clients } from './aws/clients.ts';
import { classify } from './aws/errors.ts';
import { ParameterStore } from './aws/parameters.ts';
import { EditBacktests } from './edit-backtests.ts';
import { ask } from './http/ask.ts';
import type { Live, Versions } from './http/live.ts';
import { listen } from './http/server.ts';
import { acts } from './lead/leadership.ts';
import { leadingOf } from './leading.ts';
import type { PolicyEvent } from './loop/policy-event.ts';
import { storeEdit } from './policy-edits.ts';
import { Board } from './report/board.ts';
import { Emf } from './report/emf.ts';
import { Histories } from './report/history.ts';
import { DecisionLog } from './report/log.ts';
import { Metrics } from './report/metrics.ts';
import { Records } from './report/records.ts';
import type { Report } from './report/reporter.ts';
import { ReporterGuard } from './report/reporter-guard.ts';
import { StackMetrics } from './report/stack-metrics.ts';
import { Timeline } from './report/timeline.ts';
import type { Settings } from './settings.ts';
import { actingTerm, type TermOptions, watchingTerm } from './terms.ts';
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
  /** For further clients of the same AWS. */
  reach: ClientSettings;
  settings: Settings;
  log: Logger;
  /** False for `run --once`. */
  http?: boolean;
  /** Further wake-ups for the watch. */
  wake$?: Observable<unknown>;
}

export async function startReconciler(options: ReconcilerOptions): Promise<Reconciler> {
  const { aws, reach, settings, log, http = true, wake$ = NEVER } = options;
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
  const records = new Records();
  const backtests = new EditBacktests(aws);
  const health = new WatchHealth(log);
  const guard = new ReporterGuard(log, metrics.onReporterError);
  const policies = new ParameterStore(aws, settings.prefix);
  const leading = leadingOf(aws, reach, settings, log, () => lastTickOn(board));

  metrics.showLeader(() => acts(leading.current().role));

  const live: Live = {
    board,
    timeline,
    histories,
    guard,
    lookedAt: () => health.lookedAt,
    polledAt: () => health.polledAt,
    watchFailure: () => health.failure,
    versions: (name) => versionsOf(policies, name),
    edits: {
      records: (name) => records.of(name),
      store: async (name, edit) => {
        const stored = await storeEdit(policies, name, edit);
        woken$.next();
        return stored;
      },
      startBacktest: (request) => backtests.start(request),
      backtest: (id) => backtests.find(id),
      cancelBacktest: (id) => backtests.cancel(id),
    },
    request: (name, asked) => ask(name, asked, asked$, reports$),
    leadership: () => leading.current(),
  };
  const site = http ? await listen(live, metrics.registry, settings) : undefined;

  const term: TermOptions = {
    ...{ aws, settings, log, board, guard, health, policies, asked$, stop$ },
    look$: woken$,
    timeLeft: () => {
      const elapsed = Date.now() - (stoppedAt ?? Date.now());
      return Math.max(1_000, settings.shutdownTimeout - SHUTDOWN_MARGIN_MS - elapsed);
    },
  };
  const shown = [histories, timeline, ...(site ? [records, site.stream] : [])];
  const reporters = [
    new DecisionLog(log),
    metrics,
    ...(stackMetrics ? [stackMetrics] : []),
    ...(settings.emf && settings.policyMetrics ? [new Emf(log, settings.emf)] : []),
    ...shown,
  ];
  // Only who acts takes wake-ups from their queue: a standby would take them away from the leader.
  const acting: TermOptions = { ...term, look$: merge(woken$, wake$).pipe(share()) };
  const reports$: Observable<Report> = leading.role$.pipe(
    takeUntil(stop$),
    switchMap((role) => (acts(role) ? actingTerm(acting, reporters) : watchingTerm(term, shown))),
    share(),
  );

  const done = lastValueFrom(reports$.pipe(ignoreElements()), { defaultValue: undefined }).finally(async () => {
    await leading.release();
    backtests.close();
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

/** Time that a shutdown keeps for the last heartbeat, the release, and closing HTTP and the clients, in milliseconds. */
const SHUTDOWN_MARGIN_MS = 2_000;

/** Returns when the last tick of any policy started. */
const lastTickOn = ({ policies }: Board): number | undefined =>
  [...policies.values()].reduce<number | undefined>(
    (newest, { lastTickAt: at }) => (at !== undefined && (newest === undefined || at > newest) ? at : newest),
    undefined,
  );

const versionsOf = (policies: ParameterStore, name: string): Promise<Versions> =>
  policies.history(name).then(
    (versions) => ({ ok: true, versions }),
    (error: unknown) => ({ ok: false, failure: classify(error, 'ssm:GetParameterHistory') }),
  );
