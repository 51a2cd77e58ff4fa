/** What the worker gets and gives: the bodies of job and result messages. */

export interface Job {
  id: number;
  /** How long to work, in seconds. */
  seconds: number;
  /** Epoch milliseconds. */
  sentAt: number;
}

/** All times are epoch milliseconds. */
export interface Result {
  id: number;
  sentAt: number;
  firstReceivedAt: number;
  receivedAt: number;
  doneAt: number;
  receiveCount: number;
  worker: string;
}

/** The job in a message body; undefined when it is none. Such a message is left for the dead-letter queue. */
export function parseJob(body: string | undefined): Job | undefined {
  try {
    const value = JSON.parse(body ?? '') as Partial<Job> | null;
    const { id, seconds, sentAt } = value ?? {};
    const whole = Number.isInteger(id) && typeof seconds === 'number' && seconds >= 0 && typeof sentAt === 'number';
    return whole ? { id: id!, seconds, sentAt } : undefined;
  } catch {
    return undefined;
  }
}
