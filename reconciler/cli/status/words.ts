/** Parts of a status in words and colors. Its strings have passed `escapeStrings` before they come here. */
import type { Condition } from '../../../policies/conditions.ts';
import type { StatusDocument, StoredScale } from '../../../policies/status.ts';
import { ago } from '../../text/ago.ts';
import { color } from '../../text/terminal.ts';

export const conditionOf = (status: StatusDocument, type: Condition['type']): Condition | undefined =>
  status.conditions.find((c) => c.type === type);

/** Conditions that are good news when True. */
const GOOD = new Set<Condition['type']>(['Ready', 'PolicyValid', 'Observed', 'WorkersStart']);

/** Returns a condition's status in the color of its news. */
export function paint(c: Condition | undefined): string {
  if (!c || c.status === 'Unknown') return color.dim('Unknown');
  if (GOOD.has(c.type)) return c.status === 'True' ? color.green('True') : color.red('False');
  return c.status === 'True' ? color.yellow('True') : 'False';
}

/** Returns the mode of the version in force; colored unless Sluice acts. */
export function modeText({ mode }: StatusDocument): string {
  if (mode === undefined) return '-';
  return mode === 'enforce' ? mode : color.yellow(mode);
}

/** Returns what keeps the count from the proposed one, in one word; "-" when nothing does. */
export function limitText(status: StatusDocument): string {
  const limited = conditionOf(status, 'ScalingLimited');
  if (!limited || limited.status === 'False' || limited.reason === 'NotObserved') return '-';
  return color.yellow(`${limited.reason.charAt(0).toLowerCase()}${limited.reason.slice(1)}`);
}

/** Returns a change of the count with its age; observe mode says would. */
export const scaleText = (s: StoredScale | undefined): string =>
  s ? `${s.would ? 'would ' : ''}${s.from} -> ${s.to}, ${ago(s.at)} ago` : 'never';

/** Returns the newest change of the count; "-" before the first. */
export function lastScaling({ lastScaleUp, lastScaleDown }: StatusDocument): string {
  const newest = [lastScaleUp, lastScaleDown]
    .filter((s) => s !== undefined)
    .sort((a, b) => b.at.localeCompare(a.at))[0];
  return newest ? scaleText(newest) : '-';
}

/** Returns the conditions that an operator must see, the worst first; none when all is well. */
export function troubles(status: StatusDocument): Condition[] {
  const bad = (['PolicyValid', 'Observed', 'Ready', 'WorkersStart'] as const).map((type) => conditionOf(status, type));
  const told = (['Alerting', 'ChaosActive'] as const).map((type) => conditionOf(status, type));
  const all = [...bad.filter((c) => c?.status === 'False'), ...told.filter((c) => c?.status === 'True')];
  // A failed reading is the reason of Ready too; a sentence is told once.
  return all.filter((c, i): c is Condition => c !== undefined && all.findIndex((d) => d?.message === c.message) === i);
}
