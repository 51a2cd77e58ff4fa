/** Erlang C for the M/M/c queue: how many wait too long, and how few servers suffice. */

export interface Offered {
  /** Busy slots on average: arrivals a second times seconds of service. */
  load: number;
  /** Slots of one worker. */
  slots: number;
  /** Seconds of service. */
  service: number;
}

/**
 * The chance that a message waits longer than `patience` seconds. `blocked` is Erlang B for `servers`, of which Erlang C
 * follows. 1 when the servers cannot carry the load.
 */
function lateShare(load: number, servers: number, blocked: number, patience: number, service: number): number {
  if (servers <= load) return 1;
  const queues = blocked / (1 - (load / servers) * (1 - blocked));
  return queues * Math.exp((-(servers - load) * patience) / service);
}

/** The share of messages that wait longer than `patience` seconds with so many workers. */
export function lateWith({ load, slots, service }: Offered, workers: number, patience: number): number {
  let blocked = 1;
  for (let k = 1; k <= workers * slots; k++) blocked = (load * blocked) / (k + load * blocked);
  return load <= 0 ? 0 : lateShare(load, workers * slots, blocked, patience, service);
}

/**
 * For each share of `misses` (falling or rising) the fewest workers with which no larger share of messages waits longer than
 * `patience` seconds; `most` where they do not suffice. One pass of the Erlang B recursion, which is stable for any load.
 */
export function fewestWorkers(
  { load, slots, service }: Offered,
  patience: number,
  misses: readonly number[],
  most: number,
): number[] {
  const found: (number | undefined)[] = misses.map(() => undefined);
  let blocked = 1;
  let server = 0;
  for (let workers = 1; workers < most && found.includes(undefined); workers++) {
    while (server < workers * slots) {
      server++;
      blocked = (load * blocked) / (server + load * blocked);
    }
    const late = load <= 0 ? 0 : lateShare(load, server, blocked, patience, service);
    for (let i = 0; i < misses.length; i++) if (late <= misses[i]!) found[i] ??= workers;
  }
  return found.map((workers) => workers ?? most);
}
