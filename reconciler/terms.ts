/**
 * The two ways in which the loop runs. A term of acting decides, writes, and keeps the statuses; it resumes from them as a
 * restart does. A term of watching shows the same policies and changes nothing.
 */
import type { Logger } from 'pino';
import { concat, defer, filter, finalize, ignoreElements, map, merge, type Observable, type ReplaySubject } from 'rxjs';
import type { Memory } from '../policies/model/memory.ts';
import { claimFrom, memoryFrom } from '../policies/restore.ts';
import type { Clients } from './aws/clients.ts';
import { ParameterStore } from './aws/parameters.ts';
import { awsWorld } from './aws-world.ts';
import { inputs } from './inputs.ts';
import { reconcile } from './loop/pipeline.ts';
import type { PolicyEvent } from './loop/policy-event.ts';
import { dryRun } from './loop/world.ts';
import type { Board } from './report/board.ts';
import { type Report, type Reporter, reportTo } from './report/reporter.ts';
import type { ReporterGuard } from './report/reporter-guard.ts';
import { statusReporter } from './report/status-reporter.ts';
import { resume, type StatusSource } from './resume.ts';
import type { Settings } from './settings.ts';
import { statusWriter, warnOfUnwritten } from './status-writing.ts';
import type { WatchHealth } from './watch-health.ts';

export interface TermOptions {
  aws: Clients;
  settings: Settings;
  log: Logger;
  board: Board;
  guard: ReporterGuard;
  health: WatchHealth;
  policies: ParameterStore;
  /** Looks for changed policies at once when it emits. */
  look$: Observable<unknown>;
  /** Requests of the page. */
  asked$: Observable<PolicyEvent>;
  stop$: ReplaySubject<void>;
  /** Returns the milliseconds that are left for the last statuses, once the process ends. */
  timeLeft: () => number;
}

/** Decides and writes until `stop$`, then stores the statuses. Unsubscribing ends it at once: nothing more is written. */
export function actingTerm(options: TermOptions, reporters: readonly Reporter[]): Observable<Report> {
  const { aws, settings, log, board, guard, asked$, stop$, timeLeft } = options;
  return defer(() => {
    begin(options);
    const statuses = new ParameterStore(aws, settings.statusPrefix);
    const status = statusWriter(statuses, settings, log);
    const events$ = reconcile({
      specs$: merge(inputs(inputOptions(options, statuses, status)), asked$),
      world: awsWorld(aws, settings),
      restore: (name) => resume(status, name, log),
      persist: (name, memory, decision) =>
        defer(() => status.writeNow(board.foresee(board.view(name), memory, decision))),
      stop$,
    });
    const flush = async (): Promise<void> => {
      const unwritten = await status.flush(timeLeft());
      if (unwritten.length > 0) warnOfUnwritten(unwritten, log);
    };
    return concat(
      events$.pipe(map(reportTo(board, [...reporters, statusReporter(status)], guard))),
      defer(flush).pipe(ignoreElements()),
    ).pipe(finalize(() => status.abandon()));
  });
}

/**
 * Observes the policies and shows what it would decide, until `stop$`. It writes nothing, runs no experiment, and reads no
 * CloudWatch metrics, which cost.
 */
export function watchingTerm(options: TermOptions, reporters: readonly Reporter[]): Observable<Report> {
  const { aws, settings, log, board, guard, stop$ } = options;
  return defer(() => {
    begin(options);
    const statuses = new ParameterStore(aws, settings.statusPrefix);
    const status = statusWriter(statuses, settings, log);
    const events$ = reconcile({
      specs$: inputs(inputOptions(options, statuses, status)).pipe(filter(isVersion), map(watched)),
      world: { observe: awsWorld(aws, { ...settings, metricsInterval: 0 }).observe, act: dryRun },
      restore: (name) => defer(() => status.read(name)).pipe(map((stored) => withoutExperiments(memoryFrom(stored)))),
      stop$,
    });
    return events$.pipe(
      map(reportTo(board, reporters, guard)),
      finalize(() => status.abandon()),
    );
  });
}

/** Forgets the policies of the term before: `/readyz` and `run --once` wait for a listing of this one. */
function begin({ board, health }: TermOptions): void {
  board.policies.clear();
  health.polledAt = undefined;
}

const inputOptions = (
  { aws, settings, log, health, policies, look$, stop$, board }: TermOptions,
  statuses: ParameterStore,
  status: Pick<StatusSource, 'read'>,
) => ({
  ...{ policies, statuses, requests: new ParameterStore(aws, settings.requestsPrefix) },
  ...{ pollInterval: settings.pollInterval, log, health, stop$, look$ },
  lastGood: async (name: string) => (await status.read(name))?.observedGeneration ?? 0,
  claimOf: async (name: string) => claimFrom(await status.read(name)),
  known: () => new Set(board.policies.keys()),
});

const isVersion = ({ kind }: PolicyEvent): boolean => kind !== 'requested' && kind !== 'orphaned';

/** Returns the event with a policy that only observes. */
function watched(event: PolicyEvent): PolicyEvent {
  if (event.kind !== 'applied') return event;
  const { policy } = event;
  const { spec } = policy;
  return {
    ...event,
    policy: { ...policy, spec: { ...spec, mode: 'observe', chaos: { ...spec.chaos, enabled: false } } },
  };
}

/** The experiments of the leader are not this process's to revert. */
function withoutExperiments({ chaos: _, ...memory }: Memory): Memory {
  return memory;
}
