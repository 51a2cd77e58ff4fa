import { type Condition, conditionsOf } from '../../policies/conditions.ts';
import type { PolicyView } from '../report/board.ts';
import { inputOf } from '../report/status-document.ts';

/** The conditions that are True while all is well; the others are False then. */
const GOOD_WHEN_TRUE: readonly string[] = ['Ready', 'PolicyValid', 'Observed', 'WorkersStart'];

/** Returns the conditions of a view that are not as they should be: the page and the status say the same words. */
export function concernsOf(view: PolicyView, now: number): Pick<Condition, 'type' | 'status' | 'reason' | 'message'>[] {
  const { last } = view;
  if (!last && !view.refused) return [];
  return (
    conditionsOf(inputOf(view, undefined, now))
      // The condition Observed alone tells of a failed reading.
      .filter(({ reason }) => reason !== 'NotObserved')
      .filter(({ type, status }) => status !== (GOOD_WHEN_TRUE.includes(type) ? 'True' : 'False'))
      .map(({ type, status, reason, message }) => ({ type, status, reason, message }))
  );
}
