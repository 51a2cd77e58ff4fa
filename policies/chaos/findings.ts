import { cronFindings, zoneFindings } from '../grammar/cron.ts';
import { formatDuration } from '../grammar/duration.ts';
import { type Finding, within } from '../grammar/finding.ts';
import { faultOf } from './faults/index.ts';
import type { ChaosSpec, ExperimentSpec } from './schema.ts';

/**
 * Returns the problems of a chaos section that its fields, one by one, do not show. Paths start at `spec.chaos`. No fault may
 * write a parameter whose name starts with one of `reserved`.
 */
export function chaosFindings({ activeHours, experiments }: ChaosSpec, reserved: readonly string[]): Finding[] {
  const names = new Set<string>();
  return [
    ...within(['activeHours'], activeHours ? hoursFindings(activeHours) : []),
    ...experiments.flatMap((experiment, i) => {
      const again = names.has(experiment.name);
      names.add(experiment.name);
      const twice: Finding[] = again
        ? [{ path: ['name'], message: `a second experiment named ${experiment.name}` }]
        : [];
      return within(['experiments', i], [...twice, ...experimentFindings(experiment, reserved)]);
    }),
  ];
}

/** Returns remarks on a valid chaos section, each with its experiment's name. */
export const chaosWarnings = ({ experiments }: ChaosSpec): string[] =>
  experiments.flatMap(({ name, fault }) => faultOf(fault).warnings.map((text) => `experiment ${name} ${text}`));

function hoursFindings({ from, to, timezone }: NonNullable<ChaosSpec['activeHours']>): Finding[] {
  const findings = zoneFindings(timezone);
  if (from === to)
    findings.push({
      path: ['to'],
      message: 'equals from: no time is active',
      hint: 'leave out activeHours to allow any time',
    });
  return findings;
}

function experimentFindings({ trigger, fault, timeout }: ExperimentSpec, reserved: readonly string[]): Finding[] {
  const { findings, lasts, parameters } = faultOf(fault);
  const taken = parameters.flatMap(({ path, name }): Finding[] => {
    const owner = reserved.find((prefix) => name.startsWith(prefix));
    if (owner === undefined) return [];
    return [
      {
        path,
        message: `is below ${owner}, which is Sluice's own`,
        hint: 'use a parameter that only your workers read',
      },
    ];
  });
  const tooShort: Finding = {
    path: ['timeout'],
    message: `${formatDuration(timeout)} is not longer than the fault itself (${formatDuration(lasts)})`,
    hint: 'raise timeout',
  };
  return [
    ...within(['trigger'], triggerFindings(trigger)),
    ...within(['fault'], [...findings, ...taken]),
    ...(lasts >= timeout ? [tooShort] : []),
  ];
}

const TRIGGERS = ['cron', 'every', 'meanTimeBetween', 'manual'] as const;

function triggerFindings(trigger: ExperimentSpec['trigger']): Finding[] {
  const findings: Finding[] = [];
  const given = TRIGGERS.filter((key) => trigger[key] !== undefined);
  if (given.length !== 1)
    findings.push({
      path: [],
      message:
        given.length === 0
          ? `choose one of ${TRIGGERS.join(', ')}`
          : `has ${given.join(' and ')}; choose one of ${TRIGGERS.join(', ')}`,
    });
  const { jitter, every, cron, timezone } = trigger;
  if (jitter !== undefined && every === undefined)
    findings.push({ path: ['jitter'], message: 'belongs to every', hint: 'cron and meanTimeBetween take no jitter' });
  if (jitter !== undefined && every !== undefined && jitter > every)
    findings.push({ path: ['jitter'], message: `is longer than every (${formatDuration(every)})` });
  return cron === undefined ? findings : [...findings, ...cronFindings(cron, timezone)];
}
