/**
 * The lease of a prefix as a pure reducer: `(state, event) -> { state, todo }`. One item of a table names the holder. Every
 * write of the item is conditional on the nonce that was seen last, and brings a new nonce.
 *
 * Two clocks, both in milliseconds, both of this process alone; the clocks of two machines are never compared:
 * - `spent` advances by the larger of the monotonic and the wall clock. It ends the holder's own authority, counted from
 *   before its renewal was sent, so that a process that was frozen or suspended has none when it wakes.
 * - `steady` is the monotonic clock. Another process takes the lease once it has seen one nonce for longer than the holder's
 *   authority can last.
 *
 * A reply that is lost proves nothing: the item is read again, and says who holds it. Source: the description of Amazon's
 * DynamoDB lock client, without its trust in one reply.
 */
import type { Self } from './leadership.ts';

/** The item of the table. */
export interface LeaseItem {
  id: string;
  /** The start of a process that wrote it. */
  session: string;
  version: string;
  nonce: string;
  /** When the holder began to lead, by its own wall clock: for people only. Epoch milliseconds. */
  since: number;
  /** The length of the holder's lease in milliseconds, by which others wait for it. */
  lasts: number;
}

export interface Moment {
  steady: number;
  spent: number;
}

/** The call that is under way. */
type Call = { kind: 'read' } | { kind: 'write'; item: LeaseItem } | { kind: 'remove' };

export interface LeaseState {
  self: Self;
  lasts: number;
  /** The item as it was last known, and since when it is known, on the steady clock. */
  seen: { item: LeaseItem | undefined; at: number } | undefined;
  /** When each nonce of this process was sent that may be in the table, on the clock `spent`. */
  sent: Readonly<Record<string, number>>;
  /** The moment of `spent` at which the authority to act ends; undefined without authority. */
  until: number | undefined;
  call: Call | undefined;
  stopping: boolean;
  ended: boolean;
}

/** `nonce` is new with each event. `wall` is epoch milliseconds. */
export type LeaseEvent = Moment & { nonce: string; wall: number } & (
    | { kind: 'due' }
    | { kind: 'read'; item: LeaseItem | undefined }
    | { kind: 'written' }
    /** The table holds another item than the condition asked for. */
    | { kind: 'refused' }
    /** The call failed, or its reply did not come: it may or may not have been carried out, now or later. */
    | { kind: 'failed' }
    | { kind: 'stop' }
  );

export type LeaseTodo =
  /** Replaces the timer: a `due` event after so many milliseconds. */
  | { kind: 'wait'; ms: number }
  | { kind: 'read' }
  /** Writes the item if the table holds the nonce `expected`; undefined: if it holds no item. */
  | { kind: 'write'; item: LeaseItem; expected: string | undefined }
  | { kind: 'remove'; expected: string }
  | { kind: 'end' };

export interface LeaseStep {
  state: LeaseState;
  todo: readonly LeaseTodo[];
}

/** Returns the times of a lease of `lasts` milliseconds. */
export function timesOf(lasts: number) {
  return {
    /** The holder renews after this time. */
    renew: lasts / 3,
    /** The holder acts for this long after it sent a renewal. Its last request may be on its way for the rest of `patience`. */
    authority: (lasts * 11) / 15,
    /** Others wait until they have seen one nonce for this long. */
    patience: (lasts * 13) / 15,
    /** Others look this often: patience and one look are the whole lease. */
    look: (lasts * 2) / 15,
    /** A failed call is followed by the next one after this time. */
    retry: lasts / 15,
  };
}

/** Returns the state of a process that knows nothing of the table yet. */
export const unheld = (self: Self, lasts: number): LeaseState => ({
  ...{ self, lasts, seen: undefined, sent: {}, until: undefined, call: undefined },
  ...{ stopping: false, ended: false },
});

/** Returns whether the process may act at this moment. */
export const hasAuthority = ({ until, ended }: LeaseState, { spent }: Pick<Moment, 'spent'>): boolean =>
  !ended && until !== undefined && spent < until;

/** Returns the state that follows, and everything that is to be done for it. */
export function lease(before: LeaseState, event: LeaseEvent): LeaseStep {
  if (before.ended) return { state: before, todo: [] };
  const state = aged(before, event);
  switch (event.kind) {
    case 'due':
      return state.call ? { state, todo: [] } : next(state, event);
    case 'stop': {
      // The authority ends before the removal is sent: another process may lead before its reply is here.
      const stopping = { ...state, stopping: true, until: undefined };
      return state.call ? { state: stopping, todo: [] } : next(stopping, event);
    }
    case 'read':
      return rest(known(state, event.item, event), event);
    case 'written':
      return written(state, event);
    case 'refused':
      return begin(state, { kind: 'read' });
    case 'failed':
      return failed(state, event);
  }
}

/** Forgets an authority that has ended, and the nonces that could not give any. */
function aged(state: LeaseState, { spent }: Moment): LeaseState {
  const { authority } = timesOf(state.lasts);
  const sent = Object.fromEntries(Object.entries(state.sent).filter(([, at]) => at + authority > spent));
  return { ...state, sent, until: state.until !== undefined && spent < state.until ? state.until : undefined };
}

/** Takes in the item as the table holds it. An item of this process gives authority from when its nonce was sent. */
function known(state: LeaseState, item: LeaseItem | undefined, { steady }: LeaseEvent): LeaseState {
  const same = state.seen !== undefined && state.seen.item?.nonce === item?.nonce;
  const seen = same && state.seen ? state.seen : { item, at: steady };
  const sentAt = item?.session === state.self.session ? state.sent[item.nonce] : undefined;
  const until = sentAt === undefined || state.stopping ? undefined : sentAt + timesOf(state.lasts).authority;
  // Each older write was conditional on a nonce that is gone for good.
  const sent = item && sentAt !== undefined ? { [item.nonce]: sentAt } : state.sent;
  return { ...state, call: undefined, seen, sent, until };
}

function written(state: LeaseState, event: LeaseEvent): LeaseStep {
  if (state.call?.kind === 'remove') return end(state);
  return rest(
    state.call?.kind === 'write' ? known(state, state.call.item, event) : { ...state, call: undefined },
    event,
  );
}

function failed(state: LeaseState, event: LeaseEvent): LeaseStep {
  // Nobody waits at the end for a table that fails: the lease runs out by itself.
  if (state.stopping) return end(state);
  return wait({ ...state, call: undefined }, event, timesOf(state.lasts).retry);
}

/** Waits until there is something to do. */
function rest(state: LeaseState, event: LeaseEvent): LeaseStep {
  const { seen, until, lasts } = state;
  const { renew, authority, look } = timesOf(lasts);
  if (state.stopping || !seen?.item) return next(state, event);
  if (isMine(state))
    return until === undefined ? next(state, event) : wait(state, event, until - authority + renew - event.spent);
  const left = seen.at + timesOf(seen.item.lasts).patience - event.steady;
  return left <= 0 ? next(state, event) : wait(state, event, Math.min(look, left));
}

/** Begins the call that the state asks for. */
function next(state: LeaseState, { steady, spent, nonce, wall }: LeaseEvent): LeaseStep {
  const { self, lasts, seen, stopping, until } = state;
  if (stopping) return isMine(state) ? begin(state, { kind: 'remove' }) : end(state);
  const abandoned = seen?.item !== undefined && steady - seen.at >= timesOf(seen.item.lasts).patience;
  if (!seen || (seen.item && !isMine(state) && !abandoned)) return begin(state, { kind: 'read' });
  const since = until !== undefined && seen.item ? seen.item.since : wall;
  const item: LeaseItem = { ...self, nonce, lasts, since };
  return begin({ ...state, sent: { ...state.sent, [nonce]: spent } }, { kind: 'write', item });
}

const isMine = ({ seen, self }: LeaseState): boolean => seen?.item?.session === self.session;

function begin(state: LeaseState, call: Call): LeaseStep {
  const expected = state.seen?.item?.nonce;
  const busy = { ...state, call };
  switch (call.kind) {
    case 'read':
      return { state: busy, todo: [call] };
    case 'write':
      return { state: busy, todo: [{ ...call, expected }] };
    case 'remove':
      return expected === undefined ? end(state) : { state: busy, todo: [{ ...call, expected }] };
  }
}

const end = (state: LeaseState): LeaseStep => ({
  state: { ...state, call: undefined, until: undefined, ended: true },
  todo: [{ kind: 'end' }],
});

/** Waits for `ms` milliseconds at most, and no longer than the authority lasts: its end must not go unnoticed. */
function wait(state: LeaseState, { spent }: Moment, ms: number): LeaseStep {
  const left = state.until === undefined ? ms : Math.min(ms, state.until - spent);
  return { state, todo: [{ kind: 'wait', ms: Math.max(0, left) }] };
}
