import { chaosFindings } from '../chaos/findings.ts';
import { type Finding, within } from '../grammar/finding.ts';
import { scalingFindings } from '../scaling/findings.ts';
import type { WorkerPolicy } from './schema.ts';

type Spec = WorkerPolicy['spec'];

/**
 * Returns the problems of every rule that spans several fields. The document's shape must be right. `reserved` are the
 * prefixes of the parameters that Sluice itself writes.
 */
export function check({ spec }: Pick<WorkerPolicy, 'spec'>, reserved: readonly string[]): Finding[] {
  return within(
    ['spec'],
    [
      ...queueFindings(spec),
      ...within(['scaling'], scalingFindings(spec.scaling)),
      ...alertFindings(spec),
      ...within(['chaos'], chaosFindings(spec.chaos, reserved)),
    ],
  );
}

function queueFindings({ queue }: Spec): Finding[] {
  const given = Object.keys(queue);
  if (given.length === 1) return [];
  const message = given.length === 0 ? 'names no queue' : `has ${given.join(' and ')}`;
  return [{ path: ['queue'], message, hint: 'give exactly one of name, url, arn' }];
}

function alertFindings({ alerts }: Spec): Finding[] {
  const names = new Set<string>();
  return alerts.flatMap((alert, i) => {
    const findings: Finding[] = [];
    if (names.has(alert.name)) findings.push({ path: ['name'], message: `a second alert named ${alert.name}` });
    names.add(alert.name);
    if (alert.above === undefined && alert.below === undefined)
      findings.push({ path: [], message: 'can never fire', hint: 'give above, below or both' });
    return within(['alerts', i], findings);
  });
}
