/** The heartbeat: one parameter for each prefix that says who leads, since when, and when it was last alive. */
import type { Instant } from '../../policies/model/observation.ts';

/** The content of the parameter. Times are ISO 8601 in the parameter and epoch milliseconds here. */
export interface Heartbeat {
  id: string;
  session: string;
  version: string;
  since: Instant;
  /** When the last tick of any policy started. */
  lastTick?: Instant | undefined;
  /** Milliseconds between two writes. */
  every: number;
  /** The version of the parameter that was this process's first one: the process with the lower number is the older one. */
  first?: number | undefined;
  /** The machine and the process, so that a start on the same machine can tell that its predecessor is gone. */
  host: string;
  pid: number;
  /** The process has ended, and said so. */
  ended?: true | undefined;
}

/**
 * Returns the name of the heartbeat parameter of a prefix: `/sluice/reconciler` for `/sluice/policies/`, and
 * `/sluice/night-reconciler` for `/sluice/night/`. It never stands below the prefix, where it would be a policy.
 */
export function heartbeatParameterOf(prefix: string): string {
  const [, parent = '/', last = ''] = /^(.*\/)([^/]+)\/$/.exec(prefix) ?? [];
  if (last === '') return '/sluice/reconciler';
  return last === 'policies' ? `${parent}reconciler` : `${parent}${last}-reconciler`;
}

/** Returns the text of a heartbeat as it is stored. */
export function heartbeatText({ since, lastTick, ...rest }: Heartbeat): string {
  const iso = (at: Instant): string => new Date(at).toISOString();
  return JSON.stringify({ ...rest, since: iso(since), ...(lastTick === undefined ? {} : { lastTick: iso(lastTick) }) });
}

const SHORTEST_MS = 100;
const LONGEST_MS = 3_600_000;

/** Returns the heartbeat in a text, or undefined when it is none: such a text says nothing about anybody. */
export function parseHeartbeat(text: string): Heartbeat | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const found: Partial<Record<keyof Heartbeat, unknown>> = value;
  const { id, session, version, every, first, host, pid, ended } = found;
  const since = instant(found.since);
  if (!isName(id) || !isName(session) || !isName(version) || since === undefined) return undefined;
  if (typeof every !== 'number' || !(every >= SHORTEST_MS && every <= LONGEST_MS)) return undefined;
  const lastTick = instant(found.lastTick);
  return {
    ...{ id, session, version, since, every },
    host: isName(host) ? host : '',
    pid: isCount(pid) ? pid : 0,
    ...(lastTick === undefined ? {} : { lastTick }),
    ...(isCount(first) ? { first } : {}),
    ...(ended === true ? { ended } : {}),
  };
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 300;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

function instant(value: unknown): Instant | undefined {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** Missed heartbeats after which a reconciler counts as not running. */
const MISSED = 3;
/** A busy machine may be late by this many milliseconds. */
const LATE_MS = 5_000;

/** Returns whether a heartbeat of this age, in milliseconds, says that its reconciler runs. */
export const isAlive = ({ ended, every }: Heartbeat, age: number): boolean => !ended && age <= MISSED * every + LATE_MS;
