import { cronFindings, zoneFindings } from '../grammar/cron.ts';
import { type Finding, within } from '../grammar/finding.ts';
import type { ScalingSpec } from './schema.ts';
import { strategyOf } from './strategies/index.ts';

/** Returns the problems of a scaling section that its fields, one by one, do not show. Paths start at `spec.scaling`. */
export function scalingFindings(scaling: ScalingSpec): Finding[] {
  const { minWorkers, maxWorkers, schedules } = scaling;
  const bounds: Finding = {
    path: ['minWorkers'],
    message: `${minWorkers} is above maxWorkers (${maxWorkers})`,
    hint: 'lower minWorkers or raise maxWorkers',
  };
  return [
    ...(minWorkers > maxWorkers ? [bounds] : []),
    ...schedules.flatMap((entry, i) => within(['schedules', i], scheduleFindings(entry, maxWorkers))),
    ...within(['budget'], scaling.budget ? zoneFindings(scaling.budget.timezone) : []),
    ...strategyFindings(scaling),
  ];
}

function scheduleFindings(entry: ScalingSpec['schedules'][number], policyMost: number): Finding[] {
  const { cron, timezone, minWorkers, maxWorkers } = entry;
  const findings = cronFindings(cron, timezone);
  if (minWorkers === undefined && maxWorkers === undefined)
    findings.push({ path: [], message: 'changes nothing', hint: 'give minWorkers, maxWorkers or both' });
  if (minWorkers !== undefined && maxWorkers !== undefined && minWorkers > maxWorkers)
    findings.push({ path: ['minWorkers'], message: `${minWorkers} is above maxWorkers (${maxWorkers})` });
  if (minWorkers !== undefined && minWorkers > policyMost)
    findings.push({
      path: ['minWorkers'],
      message: `${minWorkers} is above the policy's maxWorkers (${policyMost}), which always holds`,
      hint: 'raise spec.scaling.maxWorkers',
    });
  return findings;
}

function strategyFindings(scaling: ScalingSpec): Finding[] {
  let learning = false;
  return scaling.strategies.flatMap((spec, i) => {
    const strategy = strategyOf(spec);
    const learns = strategy.aim(spec) !== undefined;
    const second: Finding = {
      path: [],
      message: `is a second strategy that learns (${spec.type})`,
      hint: 'a policy has one estimate: keep the one with the shorter target',
    };
    const again = learns && learning;
    learning ||= learns;
    return within(['strategies', i], [...(again ? [second] : []), ...strategy.findings(spec, scaling)]);
  });
}
