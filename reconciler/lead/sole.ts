/**
 * The guard of a prefix without a lease table, as a pure reducer: two processes notice each other by the heartbeat, and
 * the younger one stands down. SSM has no conditional write, so both may act for one heartbeat; only a lease excludes that.
 *
 * Who is older is told by the versions of the parameter, which SSM counts, and who is gone by how long the parameter was
 * seen unchanged: the clocks of two machines are never compared.
 */
import type { Heartbeat } from './heartbeat.ts';

/** The heartbeat as it was read. */
export interface SeenHeartbeat {
  version: number;
  /** Undefined for a text that is no heartbeat: it says nothing about anybody. */
  beat: Heartbeat | undefined;
}

export interface SoleState {
  session: string;
  acting: boolean;
  /** The version of the parameter that was this process's first one since it acts. */
  first: number | undefined;
  /** The newest version, and since when it is seen, in milliseconds of this process's steady clock. */
  seen: { version: number; at: number } | undefined;
}

export type SoleEvent =
  /** `gone`: the process that wrote it ran on this machine, and does not run any more. */
  | { kind: 'read'; found: SeenHeartbeat | undefined; gone: boolean; at: number }
  | { kind: 'written'; version: number; at: number };

/** Intervals of another's heartbeat without a new one, after which it is taken for gone. */
const PATIENCE = 1.5;

/** Returns the state before the first look: the process does not act yet. */
export const newcomer = (session: string): SoleState => ({ session, acting: false, first: undefined, seen: undefined });

/** Returns the state after an event. A process that acts writes a heartbeat after each read. */
export function sole(state: SoleState, event: SoleEvent): SoleState {
  if (event.kind === 'written') {
    const { version, at } = event;
    return { ...state, first: state.first ?? version, seen: { version, at } };
  }
  const { found, gone, at } = event;
  const other = found?.beat && found.beat.session !== state.session && !found.beat.ended ? found.beat : undefined;
  if (!found || !other || gone) return { ...state, acting: true };
  const seen = state.seen?.version === found.version ? state.seen : { version: found.version, at };
  if (state.acting) {
    // A process that has not written yet was here after whoever has.
    const older = state.first !== undefined && state.first < (other.first ?? found.version);
    return older ? { ...state, seen } : { ...state, acting: false, first: undefined, seen };
  }
  return { ...state, seen, acting: at - seen.at >= PATIENCE * other.every };
}
