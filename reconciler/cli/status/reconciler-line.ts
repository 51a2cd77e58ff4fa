/** The first line of `status`: whether a reconciler is alive. */
import type { Failure } from '../../../policies/model/observation.ts';
import type { Clients } from '../../aws/clients.ts';
import { classify } from '../../aws/errors.ts';
import { isAlive } from '../../lead/heartbeat.ts';
import { heartbeatStore } from '../../lead/heartbeat-store.ts';
import { color } from '../../text/terminal.ts';

/** The reconciler of a prefix, as its heartbeat tells it. Times are ISO 8601. */
export interface ReconcilerState {
  /** `unknown`: the heartbeat could not be read. */
  state: 'running' | 'notRunning' | 'unknown';
  parameter: string;
  id?: string;
  version?: string;
  since?: string;
  lastSeen?: string;
  lastTick?: string;
  problem?: Pick<Failure, 'code' | 'message' | 'hint'>;
}

/** Reads the heartbeat. Never rejects: statuses are worth showing without it. */
export async function readReconciler(aws: Clients, parameter: string): Promise<ReconcilerState> {
  try {
    const found = await heartbeatStore(aws, parameter).read();
    if (!found?.beat) return { state: 'notRunning', parameter };
    const { beat, modified } = found;
    const { id, version, since, lastTick } = beat;
    const iso = (at: number): string => new Date(at).toISOString();
    return {
      // The age is of AWS's clock: the SDK knows how far this machine's clock is off.
      state: isAlive(beat, Date.now() + aws.ssm.config.systemClockOffset - modified) ? 'running' : 'notRunning',
      ...{ parameter, id, version, since: iso(since), lastSeen: iso(modified) },
      ...(lastTick === undefined ? {} : { lastTick: iso(lastTick) }),
    };
  } catch (error) {
    const { code, message, hint } = classify(error, 'ssm:GetParameter');
    return { state: 'unknown', parameter, problem: { code, message, ...(hint ? { hint } : {}) } };
  }
}

/** Returns the line. The strings of `found` have passed `escapeStrings`. */
export function reconcilerLine(found: ReconcilerState, now = Date.now()): string {
  const { state, id = '', lastSeen, problem, parameter } = found;
  if (state === 'unknown') {
    const todo = problem?.hint ? `; ${problem.hint}` : '';
    return `reconciler: ${color.yellow('not known')}: ${problem?.message ?? `${parameter} could not be read`}${todo}`;
  }
  const seen = lastSeen === undefined ? undefined : inWords(Math.max(0, now - Date.parse(lastSeen)));
  if (state === 'running') return `reconciler: ${color.bold(id)} leads, last seen ${seen} ago`;
  const last = seen === undefined ? `never seen (no heartbeat in ${parameter})` : `last seen ${seen} ago (${id})`;
  return `reconciler: ${color.red('NOT RUNNING')}, ${last}`;
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
