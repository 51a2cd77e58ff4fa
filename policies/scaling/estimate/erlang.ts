/** Erlang C for the M/M/c queue: the share of messages that wait too long, and the fewest workers that suffice. */

export interface Offered {
  /** Busy slots on average: arrivals a second times seconds of service. */
  load: number;
  /** Messages that one worker handles at a time. */
  slots: number;
  /** Seconds of service. */
  service: number;
}

/**
 * Returns the chance that a message waits longer than `patience` seconds; 1 when the servers cannot carry the load.
 * `blocked` is Erlang B for `servers`, from which Erlang C follows.
 */
function lateShare(load: number, servers: number, blocked: number, patience: number, service: number): number {
  if (servers <= load) return 1;
  const queues = blocked / (1 - (load / servers) * (1 - blocked));
  return queues * Math.exp((-(servers - load) * patience) / service);
}

/** Returns the share of messages that wait longer than `patience` seconds with this many workers. */
export function lateWith({ load, slots, service }: Offered, workers: number, patience: number): number {
  let blocked = 1;
  for (let k = 1; k <= workers * slots; k++) blocked = (load * blocked) / (k + load * blocked);
  return load <= 0 ? 0 : lateShare(load, workers * slots, blocked, patience, service);
}

/**
 * Returns, for each share in `misses`, the fewest workers with which no larger share of messages waits longer than `patience`
 * seconds; `most` where they do not suffice. One pass of the Erlang B recursion, which is stable for any load.
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
