/** The meaning of AWS's answer to a probe. */
import { classify } from '../../aws/errors.ts';

export type Verdict = 'allowed' | 'denied' | 'unreachable' | 'throttled' | 'missing' | 'failed' | 'not tried';

export interface Answer {
  verdict: Verdict;
  /** AWS's words, where there is something to tell. */
  message?: string;
}

const DENIED = /^AccessDenied/;
const THROTTLED = /Thrott|TooManyRequests|LimitExceeded|OverLimit|SlowDown/;
const UNREACHABLE = /^(Timeout|RequestTimeout|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET|Networking)/;
const MISSING = /NotFound|DoesNotExist|NonExistent|MISSING/;

/** Returns the verdict on a call that AWS refused or did not answer. */
export function verdictOf(error: unknown, action: string): Answer {
  const { code, message } = classify(error, action);
  if (DENIED.test(code)) return { verdict: 'denied', message };
  if (THROTTLED.test(code)) return { verdict: 'throttled', message };
  if (UNREACHABLE.test(code)) return { verdict: 'unreachable', message };
  return { verdict: MISSING.test(code) ? 'missing' : 'failed', message };
}
