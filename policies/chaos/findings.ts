import { cronProblem } from '../grammar/cron.ts';
import { formatDuration } from '../grammar/duration.ts';
import { type ChaosSpec, type ExperimentSpec, faultOf } from './schema.ts';

/** Something wrong with the chaos section that its fields, one by one, do not show. Paths from `spec.chaos`. */
export interface ChaosFinding {
  path: (string | number)[];
  message: string;
  hint?: string;
}

export function chaosFindings({ activeHours, experiments }: ChaosSpec): ChaosFinding[] {
  const findings: ChaosFinding[] = [];
  if (activeHours) {
    const zone = cronProblem('* * * * *', activeHours.timezone);
    if (zone) findings.push({ path: ['activeHours', 'timezone'], message: zone, hint: ZONE_HINT });
    if (activeHours.from === activeHours.to)
      findings.push({
        path: ['activeHours', 'to'],
        message: 'equals from: no time is active',
        hint: 'leave out activeHours for any time',
      });
  }
  const names = new Set<string>();
  experiments.forEach((experiment, i) => {
    const at = (path: (string | number)[], message: string, hint?: string): void =>
      void findings.push({ path: ['experiments', i, ...path], message, ...(hint ? { hint } : {}) });
    if (names.has(experiment.name)) at(['name'], `a second experiment named ${experiment.name}`);
    names.add(experiment.name);
    triggerFindings(experiment.trigger, at);
    const { fault, timeout } = experiment;
    for (const { path, message, hint } of faultOf(fault.type).findings?.(fault) ?? [])
      at(['fault', ...path], message, hint);
    const lasts = 'duration' in fault ? fault.duration : 'hold' in fault ? fault.hold : 0;
    if (lasts >= timeout)
      at(
        ['timeout'],
        `${formatDuration(timeout)} is not longer than the fault itself (${formatDuration(lasts)})`,
        'raise timeout',
      );
  });
  return findings;
}

const ZONE_HINT = 'use an IANA name such as Europe/Berlin or UTC';
const TRIGGERS = ['cron', 'every', 'meanTimeBetween', 'manual'] as const;

function triggerFindings(
  trigger: ExperimentSpec['trigger'],
  at: (path: (string | number)[], message: string, hint?: string) => void,
): void {
  const given = TRIGGERS.filter((key) => trigger[key] !== undefined);
  if (given.length !== 1)
    at(
      ['trigger'],
      given.length === 0 ? 'says not when' : `has ${given.join(' and ')}`,
      `give exactly one of ${TRIGGERS.join(', ')}`,
    );
  if (trigger.jitter !== undefined && trigger.every === undefined)
    at(['trigger', 'jitter'], 'belongs to every', 'cron and meanTimeBetween take no jitter');
  if (trigger.jitter !== undefined && trigger.every !== undefined && trigger.jitter > trigger.every)
    at(['trigger', 'jitter'], `is longer than every (${formatDuration(trigger.every)})`);
  if (trigger.cron === undefined) return;
  const problem = cronProblem(trigger.cron, trigger.timezone);
  if (problem?.startsWith('unknown time zone')) at(['trigger', 'timezone'], problem, ZONE_HINT);
  else if (problem) at(['trigger', 'cron'], problem, 'five fields: minute hour day-of-month month day-of-week');
}
