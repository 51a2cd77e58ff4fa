import { z } from 'zod';

/**
 * The field `countDelayed` of the backlog rules. A delayed message is work to come that nobody can receive yet, so counting
 * it starts workers before it is due.
 */
export const countDelayed = z
  .boolean()
  .default(false)
  .meta({ description: 'count delayed messages too, so that workers start before these messages are due' });

/** Returns the words and the number of delayed messages that a rule adds to its count: nothing unless it counts them. */
export const delayedPart = (counts: boolean, delayed: number): { extra: number; words: string } =>
  counts ? { extra: delayed, words: ` + ${delayed} delayed` } : { extra: 0, words: '' };
