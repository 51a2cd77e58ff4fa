/** Who acts for a prefix: the words that the lease, the heartbeat, the loop, the API and the commands share. */
import type { Observable } from 'rxjs';
import type { Instant } from '../../policies/model/observation.ts';

/** `single`: acts without a lease, since no table is set. A standby watches and writes nothing. */
export type Role = 'leader' | 'standby' | 'single';

/** The process that acts for a prefix. Times are epoch milliseconds. */
export interface Leader {
  id: string;
  since: Instant;
  /** When this process last saw a sign of life of it. */
  lastSeen: Instant;
  version: string;
}

/** This process, and the leader as far as it is known. */
export interface Leadership {
  id: string;
  role: Role;
  leader?: Leader;
}

/** The identity of one process, made anew at each start. */
export interface Self {
  /** The name for people, such as `sluice-prod/3f2a`. */
  id: string;
  /** Tells this start of the process from every other one. */
  session: string;
  version: string;
}

/** Decides whether this process acts, and tells it. */
export interface Leading {
  /** Emits the role in force, then each change of it. Completes after `release`. */
  role$: Observable<Role>;
  current(): Leadership;
  /** Returns whether a write may be sent at this moment. */
  mayWrite(): boolean;
  /** Lets another process take over at once. Call it after the last write. Never rejects. */
  release(): Promise<void>;
}

/** Returns true for a role that decides and writes. */
export const acts = (role: Role): boolean => role !== 'standby';
