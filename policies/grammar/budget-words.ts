import type { BudgetState } from '../model/decision.ts';
import { money } from './money.ts';
import { count } from './words.ts';

/** Returns the state of a budget in one sentence, without its end mark. */
export function budgetWords({ currency, perDay, spent, foreseen, dayEnds, most, state }: BudgetState): string {
  const used = `${money(spent, currency)} of ${money(perDay, currency)} spent, ${money(foreseen, currency)} by ${new Date(dayEnds).toISOString().slice(0, 16)}Z if the workers stay`;
  return state === 'limited' ? `${used}; ${count(most, 'worker')} at most` : used;
}
