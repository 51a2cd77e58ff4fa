import type { Lane } from './lanes.ts';
import type { Call } from './proxy.ts';

/** Counts how often a fault was put in place on each lane, from the writes alone. */
export class Injections {
  readonly #tasks = new Map<string, Set<string>>();
  readonly #inPlace = new Set<string>();
  readonly #times = new Map<string, number>();

  /** Takes note of a call that AWS has carried out. */
  note(lane: Lane, { operation, body }: Call): void {
    if (operation === 'StopTask') {
      const tasks = this.#tasks.get(lane.name) ?? new Set();
      this.#tasks.set(lane.name, tasks.add((JSON.parse(body) as { task: string }).task));
      return;
    }
    const faulty = isFaulty(operation, body);
    if (faulty === undefined) return;
    // The same write again while the fault is in place is no second injection.
    if (faulty && !this.#inPlace.has(lane.name)) this.#times.set(lane.name, (this.#times.get(lane.name) ?? 0) + 1);
    if (faulty) this.#inPlace.add(lane.name);
    else this.#inPlace.delete(lane.name);
  }

  /** Faults put in place on a lane, or tasks stopped. */
  count({ name }: Lane): number {
    return this.#tasks.get(name)?.size ?? this.#times.get(name) ?? 0;
  }
}

/** Returns whether a write puts a fault in place (true) or takes it back (false); undefined for other calls. */
function isFaulty(operation: string, body: string): boolean | undefined {
  if (operation === 'SetQueueAttributes') return body.includes('Deny');
  if (operation === 'PutParameter' && body.includes('/owner/')) return body.includes('paused');
  if (operation !== 'UpdateService') return undefined;
  const { desiredCount } = JSON.parse(body) as { desiredCount?: number };
  return desiredCount === 0 || body.includes('sg-cut-off');
}
