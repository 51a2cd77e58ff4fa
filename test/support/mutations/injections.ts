import { flagOf, type Lane } from './lanes.ts';
import { type Call, writtenParameter } from './proxy.ts';

/** Counts how often a fault was put in place on each lane, from the writes alone. */
export class Injections {
  readonly #tasks = new Map<string, Set<string>>();
  readonly #inPlace = new Set<string>();
  readonly #times = new Map<string, number>();

  /** Takes note of a call that AWS has carried out. */
  note(lane: Lane, call: Call): void {
    if (call.operation === 'StopTask') {
      const tasks = this.#tasks.get(lane.name) ?? new Set();
      this.#tasks.set(lane.name, tasks.add((JSON.parse(call.body) as { task: string }).task));
      return;
    }
    const faulty = isFaulty(lane, call);
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
function isFaulty(lane: Lane, call: Call): boolean | undefined {
  const { operation, body } = call;
  const parameter = writtenParameter(call);
  if (operation === 'SetQueueAttributes') return body.includes('Deny');
  if (parameter) return parameter.name === flagOf(lane) ? parameter.value.startsWith('paused') : undefined;
  if (operation !== 'UpdateService') return undefined;
  const { desiredCount } = JSON.parse(body) as { desiredCount?: number };
  return desiredCount === 0 || body.includes('sg-cut-off');
}
