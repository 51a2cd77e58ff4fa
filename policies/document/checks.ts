import { chaosFindings } from '../chaos/findings.ts';
import { cronProblem } from '../grammar/cron.ts';
import type { WorkerPolicy } from './schema.ts';

/** Something wrong with a document that its fields, one by one, do not show. */
export interface Finding {
  path: (string | number)[];
  message: string;
  hint?: string;
}

type Spec = WorkerPolicy['spec'];

/** Every rule that spans several fields. Runs only on documents whose shape is right. */
export function check(policy: Omit<WorkerPolicy, 'metadata'>): Finding[] {
  const { spec } = policy;
  return [
    ...queueFindings(spec),
    ...boundFindings(spec),
    ...strategyFindings(spec),
    ...alertFindings(spec),
    ...chaosFindings(spec.chaos).map(({ path, ...rest }) => ({ path: ['spec', 'chaos', ...path], ...rest })),
  ];
}

function queueFindings({ queue }: Spec): Finding[] {
  const given = Object.keys(queue);
  if (given.length === 1) return [];
  const message = given.length === 0 ? 'names no queue' : `has ${given.join(' and ')}`;
  return [{ path: ['spec', 'queue'], message, hint: 'give exactly one of name, url, arn' }];
}

function boundFindings({ scaling }: Spec): Finding[] {
  const findings: Finding[] = [];
  const path = ['spec', 'scaling'];
  if (scaling.minWorkers > scaling.maxWorkers)
    findings.push({
      path: [...path, 'minWorkers'],
      message: `${scaling.minWorkers} is above maxWorkers ${scaling.maxWorkers}`,
      hint: 'lower minWorkers or raise maxWorkers',
    });
  scaling.schedules.forEach((entry, i) => {
    const at = [...path, 'schedules', i];
    findings.push(...cronFindings(entry, at));
    const { minWorkers, maxWorkers } = entry;
    if (minWorkers === undefined && maxWorkers === undefined)
      findings.push({ path: at, message: 'changes nothing', hint: 'give minWorkers, maxWorkers or both' });
    if (minWorkers !== undefined && maxWorkers !== undefined && minWorkers > maxWorkers)
      findings.push({ path: [...at, 'minWorkers'], message: `${minWorkers} is above maxWorkers ${maxWorkers}` });
    if (minWorkers !== undefined && minWorkers > scaling.maxWorkers)
      findings.push({
        path: [...at, 'minWorkers'],
        message: `${minWorkers} is above the policy's maxWorkers ${scaling.maxWorkers}, which always holds`,
        hint: 'raise spec.scaling.maxWorkers',
      });
  });
  return findings;
}

function cronFindings(entry: { cron: string; timezone: string }, path: (string | number)[]): Finding[] {
  const problem = cronProblem(entry.cron, entry.timezone);
  if (!problem) return [];
  return [
    problem.startsWith('unknown time zone')
      ? { path: [...path, 'timezone'], message: problem, hint: 'use an IANA name such as Europe/Berlin or UTC' }
      : { path: [...path, 'cron'], message: problem, hint: 'five fields: minute hour day-of-month month day-of-week' },
  ];
}

function strategyFindings({ scaling }: Spec): Finding[] {
  const learning = scaling.strategies.findIndex(({ type }) => type === 'targetWait');
  return scaling.strategies.flatMap((strategy, i): Finding[] => {
    const path = ['spec', 'scaling', 'strategies', i];
    if (strategy.type === 'targetWait' && i !== learning)
      return [{ path, message: 'is a second targetWait', hint: 'keep the one with the shorter target' }];
    if (strategy.type === 'threshold') return thresholdFindings(strategy, scaling.minWorkers, path);
    if (strategy.type === 'schedule')
      return strategy.entries.flatMap((e, j) => cronFindings(e, [...path, 'entries', j]));
    if (strategy.type === 'step') return bandFindings(strategy.bands, path);
    return [];
  });
}

/**
 * One step up must not be followed by a step down on the same backlog: with w workers, more than up*w messages made it
 * w+step, and fewer than down*(w+step) would undo it. For step 1 the tightest case, w = 1, gives down <= up/2.
 */
function thresholdFindings(
  {
    scaleUpThreshold: up,
    scaleDownThreshold: down,
    step,
  }: { scaleUpThreshold: number; scaleDownThreshold: number; step: number },
  minWorkers: number,
  path: (string | number)[],
): Finding[] {
  const w = step === 1 ? 1 : Math.max(1, minWorkers);
  const most = (up * w) / (w + step);
  if (down <= most) return [];
  const rule =
    step === 1
      ? `half of scaleUpThreshold (${most})`
      : `${Number(most.toFixed(3))} (scaleUpThreshold * ${w}/${w + step})`;
  return [
    {
      path: [...path, 'scaleDownThreshold'],
      message: `${down} is above ${rule}: the worker that was added would be removed again, for ever`,
      hint: `lower scaleDownThreshold to ${Number(most.toFixed(3))} or raise scaleUpThreshold to ${Number(((down * (w + step)) / w).toFixed(3))}`,
    },
  ];
}

function bandFindings(bands: { from: number; to?: number | undefined }[], path: (string | number)[]): Finding[] {
  const findings: Finding[] = [];
  bands.forEach((band, i) => {
    const at = [...path, 'bands', i];
    const before = bands[i - 1];
    if (band.to !== undefined && band.to <= band.from)
      findings.push({ path: [...at, 'to'], message: `${band.to} is not above from ${band.from}` });
    if (before && (before.to === undefined || before.to > band.from))
      findings.push({
        path: [...at, 'from'],
        message: `${band.from} lies within the band before it (${before.from}..${before.to ?? ''})`,
        hint: 'bands rise and do not overlap; only the last may leave out `to`',
      });
  });
  return findings;
}

function alertFindings({ alerts }: Spec): Finding[] {
  const seen = new Set<string>();
  return alerts.flatMap((alert, i): Finding[] => {
    const path = ['spec', 'alerts', i];
    const findings: Finding[] = [];
    if (seen.has(alert.name)) findings.push({ path: [...path, 'name'], message: `a second alert named ${alert.name}` });
    seen.add(alert.name);
    if (alert.above === undefined && alert.below === undefined)
      findings.push({ path, message: 'can never fire', hint: 'give above, below or both' });
    return findings;
  });
}
