import { color } from '../../text/terminal.ts';

/** Returns a verdict, or the phase of a run that has none yet, in its color. */
export function paintVerdict(verdict: string | undefined): string {
  if (verdict === 'passed') return color.green(verdict);
  return verdict === 'failed' ? color.red(verdict) : color.yellow(verdict ?? '-');
}
