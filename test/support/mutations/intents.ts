import { parseStatus } from '../../../policies/restore.ts';
import { type Lane, statusOf } from './lanes.ts';
import { type Call, writtenParameter } from './proxy.ts';

/** Remembers the runs whose intent was stored, by lane. */
export class Intents {
  readonly #stored = new Map<string, Set<string>>();

  /** Takes note of a call that AWS has carried out. */
  note(lane: Lane, call: Call): void {
    const parameter = writtenParameter(call);
    if (parameter?.name !== statusOf(lane)) return;
    const ids = this.#stored.get(lane.name) ?? new Set();
    this.#stored.set(lane.name, ids);
    for (const run of parseStatus(parameter.value)?.experiments ?? []) if (run.phase !== 'ended') ids.add(run.id);
  }

  /** Returns how many runs of a lane were ended by a restart, as its status tells. */
  interrupted(lane: Lane, status: string | undefined): number {
    const runs = parseStatus(status)?.experiments ?? [];
    return runs.filter(({ id, verdict }) => verdict === 'interrupted' && this.#stored.get(lane.name)?.has(id)).length;
  }

  /** Returns the runs of a lane of which its status does not say that they were reverted. */
  open(lane: Lane, status: string | undefined): string[] {
    const reverted = (parseStatus(status)?.experiments ?? []).filter((run) => run.timeline.reverted !== undefined);
    return [...(this.#stored.get(lane.name) ?? [])].filter((id) => !reverted.some((run) => run.id === id));
  }
}
