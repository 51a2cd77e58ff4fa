import type { Result } from '../../backtest/result.ts';
import { note } from '../../text/terminal.ts';
import { UsageError } from '../../text/user-error.ts';

/** Returns `--fail-under` as a share, 0 to 1; undefined without it. Throws UsageError for anything but a percentage. */
export function shareOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const percent = /^\d{1,3}(\.\d+)?%?$/.test(text.trim()) ? Number.parseFloat(text) : Number.NaN;
  if (percent >= 0 && percent <= 100) return percent / 100;
  throw new UsageError(`--fail-under ${text} is not a percentage from 0 to 100`, 'for example 99.9');
}

/** Returns the exit status: 1, with a reason on stderr, when the policy's share within its target is under the least one. */
export function judge(
  result: Pick<Result, 'controller' | 'withinTarget'> | undefined,
  least: number | undefined,
): number {
  if (least === undefined || result === undefined || result.withinTarget >= least) return 0;
  const percent = (share: number): string => `${Number((100 * share).toFixed(4))} %`;
  note(
    `${result.controller}: ${percent(result.withinTarget)} of the messages are within the target; --fail-under asks for ${percent(least)}`,
  );
  return 1;
}
