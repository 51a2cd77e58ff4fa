/** Accounts for the messages of one queue, in numbers that add up: sent = deleted + dead-lettered + left. */
export interface QueueAccounts {
  queue: string;
  sent: number;
  /** Receives, those of messages that were received before too. */
  received: number;
  deleted: number;
  /** Receives of messages that had been received before. */
  redelivered: number;
  deadLettered: number;
  left: Left;
}

/** The messages that are still there. */
export interface Left {
  visible: number;
  delayed: number;
  inFlight: number;
  /** Seconds until the last message in flight is visible again; 0 without any. */
  visibleAgainIn: number;
}

export interface QueueEvidence {
  queue: string;
  now: number;
  totals: { sent: number; received: number; deleted: number };
  messages: readonly QueuedMessage[];
  /** Messages that are in the queue's dead-letter queue. */
  deadLettered: number;
}

export interface QueuedMessage {
  place: 'available' | 'delayed' | 'inFlight';
  /** Epoch milliseconds. */
  visibleAt: number;
  receivesHere: number;
}

/** Returns the accounts of a queue. */
export function accountsOfQueue({ queue, now, totals, messages, deadLettered }: QueueEvidence): QueueAccounts {
  const everReceived = totals.deleted + deadLettered + messages.filter(({ receivesHere }) => receivesHere > 0).length;
  return {
    queue,
    ...totals,
    redelivered: Math.max(0, totals.received - everReceived),
    deadLettered,
    left: leftIn(messages, now),
  };
}

/** Counts the messages of a queue by their place. */
export function leftIn(messages: readonly QueuedMessage[], now: number): Left {
  const at = (wanted: QueuedMessage['place']): QueuedMessage[] => messages.filter(({ place }) => place === wanted);
  const inFlight = at('inFlight');
  const hidden = inFlight.reduce((most, { visibleAt }) => Math.max(most, visibleAt - now), 0);
  return {
    visible: at('available').length,
    delayed: at('delayed').length,
    inFlight: inFlight.length,
    visibleAgainIn: Math.ceil(hidden / 1_000),
  };
}

/** Returns how many messages are left. */
export const totalOf = (left: Left): number => left.visible + left.delayed + left.inFlight;

/** Messages that are accounted for by nothing; must be 0. Negative numbers are purged queues' and are not told. */
export const lostOf = (a: QueueAccounts): number => Math.max(0, a.sent - a.deleted - a.deadLettered - totalOf(a.left));

/** Returns what is left in words, such as `left 1 (in flight, visible again in 80 s)`. */
export function leftText(left: Left): string {
  const parts = [
    ...(left.visible > 0 ? [`${left.visible} visible`] : []),
    ...(left.delayed > 0 ? [`${left.delayed} delayed`] : []),
    ...(left.inFlight > 0 ? [`${left.inFlight} in flight, visible again in ${left.visibleAgainIn} s`] : []),
  ];
  const total = totalOf(left);
  if (parts.length === 1) return `left ${total} (${parts[0]!.replace(/^\d+ /, '')})`;
  return parts.length === 0 ? 'left 0' : `left ${total} (${parts.join('; ')})`;
}
