/**
 * The life of one policy as a pure state machine: `(state, event) -> { state, todo }`. It reads no clock and starts
 * nothing: pipeline.ts does what `todo` asks for, and tells what came of it as further events.
 *
 *   unknown --applied--> inForce --deleted--> releasing --experiments reverted--> gone --ten minutes--> unknown
 *                           ^                                                       |
 *                           +------------------------applied------------------------+
 *   any phase --stop--> stopping --experiments reverted, or handed over--> ended
 *
 * A policy has at most one piece of work under way, in every phase: its ticks never overlap.
 */
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { ChaosRequest, Instant } from '../../policies/model/observation.ts';
import { backoff } from './backoff.ts';
import type { PipelineEvent } from './pipeline-event.ts';
import type { PolicyEvent } from './policy-event.ts';
import type { TickInput, TickRecord } from './tick.ts';

/** A deleted policy that returns within this many milliseconds goes on with the memory that it had. */
export const KEPT_AFTER_DELETION_MS = 600_000;
const REQUEST_LIFE_MS = 3_600_000;
/** A clock may be late by one interval and this many milliseconds before the silence is reported. */
const GAP_ALLOWANCE_MS = 5_000;

type Phase =
  /** No version is in force, and nothing is remembered. */
  | { phase: 'unknown' }
  | { phase: 'inForce'; policy: WorkerPolicy }
  /** Deleted, here or while nobody watched: its experiments are reverted, and its count is left alone. */
  | { phase: 'releasing'; policy: WorkerPolicy }
  /** Deleted a short while ago. */
  | { phase: 'gone' }
  /** The process is about to end. `revert`: the policy wants its experiments reverted before that. */
  | { phase: 'stopping'; policy: WorkerPolicy | undefined; revert: boolean }
  | { phase: 'ended' };

/** The piece of work that is under way. */
export type Work = 'none' | 'restore' | 'tick' | 'handOver';

export type PolicyState = Phase & {
  name: string;
  /** Undefined until it was restored, or after it was dropped. */
  memory: Memory | undefined;
  work: Work;
  /** A tick that must not be lost came due while work was under way. */
  again: boolean;
  /** The policy that owns the service, if it is another one. */
  owner: string | undefined;
  requests: Readonly<Record<'parameter' | 'page', readonly ChaosRequest[]>>;
  /** Failed ticks in a row. */
  failures: number;
  /** No tick starts before this time, unless an experiment runs. */
  notBefore: Instant;
  /** When the clock was last heard. */
  heardAt: Instant;
};

/** When ticks come due. `busy` ones count only while an experiment runs; `retry` is `interval` with one tick soon. */
export type Clock = 'none' | 'interval' | 'retry' | 'busy' | 'expiry';
/** The reason for which a tick comes due. */
export type Ringing = Exclude<Clock, 'none' | 'retry'>;

export type StateEvent = { at: Instant } & (
  | { kind: 'changed'; change: PolicyEvent }
  | { kind: 'due'; clock: Ringing }
  | { kind: 'restored'; memory: Memory }
  /** `jitter` is from 0 to 1. */
  | { kind: 'ticked'; record: TickRecord; jitter: number }
  | { kind: 'broke'; error: unknown; jitter: number }
  | { kind: 'handedOver' }
  | { kind: 'stop' }
);

export type Todo =
  /** Replaces the clock that runs. */
  | { kind: 'clock'; clock: Clock; policy?: WorkerPolicy }
  | { kind: 'restore' }
  | { kind: 'tick'; input: TickInput }
  /** Stores that the running experiments are left to the next process on purpose. */
  | { kind: 'handOver'; memory: Memory }
  | { kind: 'report'; event: PipelineEvent }
  | { kind: 'end' };

export interface Step {
  state: PolicyState;
  todo: readonly Todo[];
}

const NEVER_WAIT = { failures: 0, notBefore: Number.NEGATIVE_INFINITY };

export function unknownPolicy(name: string): PolicyState {
  const requests = { parameter: [], page: [] };
  const heardAt = Number.POSITIVE_INFINITY;
  return {
    phase: 'unknown',
    name,
    owner: undefined,
    memory: undefined,
    work: 'none',
    again: false,
    requests,
    heardAt,
    ...NEVER_WAIT,
  };
}

/** Returns the state that follows, and everything that is to be done for it, in this order. */
export function policyState(state: PolicyState, event: StateEvent): Step {
  if (state.phase === 'ended') return { state, todo: [] };
  switch (event.kind) {
    case 'changed':
      return changed({ ...state, ...NEVER_WAIT }, event.change, event.at);
    case 'due':
      return due(state, event.clock, event.at);
    case 'restored':
      return next({ ...state, memory: event.memory, work: 'none', again: true }, event.at);
    case 'ticked':
      return ticked(state, event.record, event.at, event.jitter);
    case 'broke':
      return broke(state, event.error, event.at, event.jitter);
    case 'handedOver':
      return end(state);
    case 'stop':
      return stop(state, event.at);
  }
}

function changed(state: PolicyState, change: PolicyEvent, at: Instant): Step {
  if (state.phase === 'stopping') return { state, todo: [] };
  const report: Todo = { kind: 'report', event: { kind: 'spec', change } };
  switch (change.kind) {
    case 'refused':
      return { state, todo: [report] };
    case 'applied':
      return after([report], enter({ ...state, phase: 'inForce', policy: change.policy }, at));
    case 'claimed': {
      const owned = { ...state, owner: change.owner };
      if (owned.phase !== 'inForce' || change.owner === state.owner) return { state: owned, todo: [report] };
      return after([report], enter(owned, at));
    }
    case 'orphaned':
      // A version that is in force was found after the list of orphans was made.
      if (state.phase !== 'unknown') return { state, todo: [] };
      return after([report], enter({ ...state, phase: 'releasing', policy: change.policy }, at));
    case 'deleted':
      if (state.phase === 'inForce') return enter({ ...state, phase: 'releasing', policy: state.policy }, at);
      return state.phase === 'releasing' ? { state, todo: [] } : forget(state, at);
    case 'requested': {
      const asked = { ...state, requests: { ...state.requests, [change.source]: change.requests } };
      return asked.phase === 'inForce' ? enter(asked, at) : { state: asked, todo: [] };
    }
  }
}

/** Starts the clock of a phase anew, and a tick at once: an edit or a request deserves an answer now. */
function enter(state: PolicyState & { policy: WorkerPolicy }, at: Instant): Step {
  const clock = state.phase === 'inForce' ? 'interval' : 'busy';
  const step = next({ ...state, again: true, heardAt: at }, at);
  // A policy without experiments is gone as soon as it is released.
  return step.state.phase === state.phase ? after([{ kind: 'clock', clock, policy: state.policy }], step) : step;
}

function due(state: PolicyState, clock: Ringing, at: Instant): Step {
  if (clock === 'expiry') return { state: { ...unknownPolicy(state.name), requests: state.requests }, todo: [] };
  return after(gapBefore(state, at), onTime({ ...state, heardAt: at }, clock, at));
}

function onTime(state: PolicyState, clock: Ringing, at: Instant): Step {
  if (clock === 'busy' && state.phase === 'inForce' && !isBusy(state)) return { state, todo: [] };
  // Of a slow policy's own ticks some are lost; what reverts an experiment waits for its turn.
  if (state.work !== 'none') return { state: { ...state, again: state.again || state.phase !== 'inForce' }, todo: [] };
  return next({ ...state, again: true }, at);
}

/** Returns the report of a clock that was silent for far longer than its interval: the process stood still. */
function gapBefore(state: PolicyState, at: Instant): Todo[] {
  const interval = 'policy' in state ? (state.policy?.spec.interval ?? 0) : 0;
  const { name, heardAt: since } = state;
  if (at - since <= 2 * interval + GAP_ALLOWANCE_MS) return [];
  return [{ kind: 'report', event: { kind: 'gap', name, since, until: at } }];
}

function ticked(state: PolicyState, record: TickRecord, at: Instant, jitter: number): Step {
  const failed = record.after.failedTicks > 0 || record.results.some((r) => r.outcome === 'failed');
  const settled = settle({ ...state, memory: record.after }, failed, at, jitter);
  const report: Todo = { kind: 'report', event: record };
  return after([report, ...retryOf(settled)], next(settled, at));
}

/** A first failure is mostly over in a moment, and a whole interval is a good part of a deadline. */
function retryOf(state: PolicyState): Todo[] {
  if (state.failures !== 1 || state.phase !== 'inForce') return [];
  return [{ kind: 'clock', clock: 'retry', policy: state.policy }];
}

function broke(state: PolicyState, error: unknown, at: Instant, jitter: number): Step {
  const event: PipelineEvent = { kind: 'broken', name: state.name, error };
  return after([{ kind: 'report', event }], next(settle(state, true, at, jitter), at));
}

function settle(state: PolicyState, failed: boolean, at: Instant, jitter: number): PolicyState {
  const failures = failed ? state.failures + 1 : 0;
  const interval = 'policy' in state ? (state.policy?.spec.interval ?? 0) : 0;
  const wait = backoff(failures, interval, jitter);
  return { ...state, work: 'none', failures, notBefore: wait > 0 ? at + wait : NEVER_WAIT.notBefore };
}

function stop(state: PolicyState, at: Instant): Step {
  if (state.phase === 'stopping') return { state, todo: [] };
  const policy = 'policy' in state ? state.policy : undefined;
  const revert = policy?.spec.chaos.onShutdown === 'revert';
  const step = next({ ...state, phase: 'stopping', policy, revert, again: true }, at);
  return step.state.phase === 'ended' ? step : after([{ kind: 'clock', clock: revert ? 'busy' : 'none' }], step);
}

/** Begins what the phase asks for now, if no work is under way. */
function next(state: PolicyState, at: Instant): Step {
  if (state.work !== 'none') return { state, todo: [] };
  const { again } = state;
  const rested = { ...state, again: false };
  switch (rested.phase) {
    case 'inForce':
      return again ? tickOrRestore(rested, rested.policy, at) : { state: rested, todo: [] };
    case 'releasing':
      // An orphan's memory says whether there is anything to revert.
      if (rested.memory !== undefined && !isBusy(rested)) return forget(rested, at);
      return again ? tickOrRestore(rested, rested.policy, at) : { state: rested, todo: [] };
    case 'stopping':
      if (!isBusy(rested) || !rested.policy || !rested.memory) return end(rested);
      if (!rested.revert) return handOver(rested, rested.memory);
      return again ? tickOrRestore(rested, rested.policy, at) : { state: rested, todo: [] };
    default:
      return { state: rested, todo: [] };
  }
}

function tickOrRestore(state: PolicyState, policy: WorkerPolicy, at: Instant): Step {
  // An experiment is never left alone for the length of a back-off.
  if (at < state.notBefore && !isBusy(state)) return { state, todo: [] };
  if (!state.memory) return { state: { ...state, work: 'restore' }, todo: [{ kind: 'restore' }] };
  const release = state.phase !== 'inForce';
  const requests = release ? [stopRequest(state, at)] : [...state.requests.parameter, ...state.requests.page];
  const owner = state.owner === undefined ? {} : { owner: state.owner };
  const input = { policy, memory: state.memory, requests, release, ...owner };
  return { state: { ...state, work: 'tick' }, todo: [{ kind: 'tick', input }] };
}

const stopRequest = ({ phase }: PolicyState, at: Instant): ChaosRequest => ({
  id: `release ${at}`,
  action: 'stop',
  by: phase === 'stopping' ? 'shutdown' : 'the policy was deleted',
  expiresAt: at + REQUEST_LIFE_MS,
});

/** Reports the deletion, and keeps the memory for a while in case the policy returns: then it resumes as after a restart. */
function forget({ name, memory, requests }: PolicyState, at: Instant): Step {
  const kept = memory && { ...memory, failedTicks: 0, alerts: {}, snapshotAt: memory.snapshotAt ?? at };
  // Others may change the count while no policy is in force.
  if (kept) delete kept.known;
  return {
    state: { ...unknownPolicy(name), phase: 'gone', memory: kept, requests },
    todo: [
      { kind: 'clock', clock: 'expiry' },
      { kind: 'report', event: { kind: 'spec', change: { kind: 'deleted', name } } },
    ],
  };
}

function handOver(state: PolicyState, memory: Memory): Step {
  // Runs that were read back and not looked at yet stay as they are stored: the next process judges them.
  if (!memory.chaos || memory.chaos.resumed) return end(state);
  const runs = memory.chaos.runs.map((run) => ({ ...run, handedOver: true as const }));
  const handed = { ...memory, chaos: { ...memory.chaos, runs } };
  return { state: { ...state, work: 'handOver' }, todo: [{ kind: 'handOver', memory: handed }] };
}

const end = (state: PolicyState): Step => ({
  state: { ...state, phase: 'ended', work: 'none' },
  todo: [{ kind: 'end' }],
});

const after = (first: readonly Todo[], { state, todo }: Step): Step => ({ state, todo: [...first, ...todo] });

const isBusy = ({ memory }: PolicyState): boolean => (memory?.chaos?.runs.length ?? 0) > 0;
