import { type Compared, type Comparison, comparisonOf } from '../../../policies/comparison.ts';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import type { Recorded } from '../../../policies/replay.ts';
import { escapeTerminal } from '../../text/escape-terminal.ts';
import { table } from '../../text/table.ts';
import { color, json, out } from '../../text/terminal.ts';
import { timeText } from '../../text/time.ts';
import { UserError } from '../../text/user-error.ts';

/** Differences that are printed; all are counted. */
const SHOWN = 20;

/** Prints what another policy would have decided at each moment of the log, and the worker-hours of both. */
export function compareWith(
  policy: WorkerPolicy,
  file: string,
  recorded: readonly Recorded[],
  asJson: boolean,
): number {
  const { name } = policy.metadata;
  const names = new Set(recorded.map((r) => r.decision.policy));
  const chosen = recorded.filter((r) => names.size === 1 || r.decision.policy === name);
  if (chosen.length === 0)
    throw new UserError(`the log holds no decision of ${name}`, `it holds decisions of ${[...names].join(', ')}`);
  const { different, workerHours: hours } = compared(policy, chosen);
  if (asJson) json({ decisions: chosen.length, different: different.map(isoAt), workerHours: hours });
  else print(different, chosen.length, hours, escapeTerminal(file));
  return 0;
}

/** Returns a row with its time as ISO 8601, as programs read it. */
const isoAt = (row: Compared) => ({ ...row, at: new Date(row.at).toISOString() });

function compared(policy: WorkerPolicy, recorded: readonly Recorded[]): Comparison {
  try {
    return comparisonOf(policy, recorded);
  } catch (error) {
    const { message, cause } = error as Error;
    throw new UserError(
      `the record of ${timeText(cause as number)} is damaged: ${message}`,
      'remove its line from the log and try again',
    );
  }
}

function print(different: readonly Compared[], of: number, hours: { was: number; is: number }, file: string): void {
  const rows = different
    .slice(0, SHOWN)
    .map((c) => [timeText(c.at), `${c.was ?? '-'}`, `${c.is ?? '-'}`, escapeTerminal(c.because)]);
  if (rows.length > 0) out(table([['WHEN', 'WAS', 'WOULD BE', 'BECAUSE'].map((h) => color.dim(h)), ...rows]));
  if (different.length > SHOWN) out(color.dim(`... and ${different.length - SHOWN} more (--json shows all)`));
  const change = hours.was > 0 ? ` (${percent(hours.is / hours.was - 1)})` : '';
  out(`${different.length} of ${of} decisions would differ`);
  out(`worker-hours: ${hours.was.toFixed(2)} in the log, ${hours.is.toFixed(2)} with ${file}${change}`);
  out(color.dim('Each decision uses what was observed then. To see the effects of other counts, use sluice backtest.'));
}

const percent = (share: number): string => `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
