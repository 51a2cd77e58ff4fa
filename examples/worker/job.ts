/** The bodies of job and result messages. */

export interface Job {
  /** The run that sent the job; empty in a job that names none. */
  run: string;
  id: number;
  /** How long to work, in seconds. */
  seconds: number;
  /** Epoch milliseconds. */
  sentAt: number;
}

/** All times are epoch milliseconds. */
export interface Result {
  run: string;
  id: number;
  sentAt: number;
  firstReceivedAt: number;
  receivedAt: number;
  doneAt: number;
  receiveCount: number;
  worker: string;
}

/** Returns the job in a message body; undefined when it holds none. Such a message is left for the dead-letter queue. */
export function parseJob(body: string | undefined): Job | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { run = '', id, seconds, sentAt }: Partial<Record<string, unknown>> = { ...value };
  if (typeof run !== 'string' || typeof id !== 'number' || !Number.isInteger(id)) return undefined;
  if (typeof seconds !== 'number' || seconds < 0 || typeof sentAt !== 'number') return undefined;
  return { run, id, seconds, sentAt };
}
