import { parseJob } from '../../examples/worker/job.ts';

/** The jobs of a run, counted by their numbers: each is processed, unfinished or lost. */
export interface Accounts {
  sent: number;
  processed: number;
  /** Still in the queue, in flight, or in the dead-letter queue. */
  unfinished: number;
  /** Accepted by the queue, and now neither processed nor in a queue. Must be 0. */
  lost: number;
  /** Messages of other senders that are still in the queues. */
  others: number;
}

export interface Evidence {
  run: string;
  sent: ReadonlySet<number>;
  processed: ReadonlySet<number>;
  /** Bodies of all messages in the queue and in the dead-letter queue. */
  bodies: readonly string[];
}

/** Returns the accounts of a run. Each job is counted by its number, so that messages of others change nothing. */
export function accountsOf({ run, sent, processed, bodies }: Evidence): Accounts {
  const queued = new Set<number>();
  let others = 0;
  for (const body of bodies) {
    const job = parseJob(body);
    if (job?.run === run) queued.add(job.id);
    else others++;
  }
  // A job whose acceptance was not heard of was sent as well if it came back done.
  const all = new Set([...sent, ...processed]);
  const open = [...all].filter((id) => !processed.has(id));
  const unfinished = open.filter((id) => queued.has(id)).length;
  return { sent: all.size, processed: processed.size, unfinished, lost: open.length - unfinished, others };
}
