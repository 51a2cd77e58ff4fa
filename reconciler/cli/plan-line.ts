import { limitOf } from '../../policies/grammar/limited-by.ts';
import type { Decision } from '../../policies/model/decision.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import { color } from '../text/terminal.ts';

/**
 * Returns a plan in one line: the change of the count, and the field, guard or strategy that decides it. `named` puts the
 * policy's name before it.
 */
export function planLine({ decision }: { decision: Decision }, named: boolean): string {
  const name = named ? `${escapeTerminal(decision.policy)} ` : '';
  return `${color.bold('Plan:')} ${name}${escapeTerminal(consequence(decision))}`;
}

function consequence(decision: Decision): string {
  const { current, desired, mode, summary } = decision;
  if (desired === undefined || current === undefined) return `no decision (${summary})`;
  const because = deciding(decision);
  if (current === desired) return `no change, ${current} ${current === 1 ? 'worker' : 'workers'}${because}`;
  return `${current} -> ${desired}${because}${mode === 'observe' ? '; observe mode: Sluice only tells it' : ''}`;
}

/** The limit if there is one, or else the strategy whose proposal won. */
function deciding(decision: Decision): string {
  const limit = limitOf(decision);
  if (limit) return ` (${limit.by})`;
  const { proposals, desired } = decision;
  const winner = proposals.find((p) => p.desired === desired && !p.abstained);
  return winner ? ` (${winner.strategy})` : '';
}
