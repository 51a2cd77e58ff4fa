import type { LogRecord } from '../text/log-record.ts';

/** Records of a start and an end that say nothing new on this machine. */
const CHATTER = new Set(['started', 'stopping', 'stopped', 'metrics']);

/** True for decisions that change something, and for all other records except chatter. */
export function isWorthShowing({ level, msg, actions = [] }: LogRecord): boolean {
  return msg === 'decision' ? actions.length > 0 : level !== 'info' || !CHATTER.has(msg);
}
