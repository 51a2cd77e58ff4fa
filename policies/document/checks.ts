import { chaosFindings } from '../chaos/findings.ts';
import { type Finding, within } from '../grammar/finding.ts';
import { queueNameOf } from '../grammar/queue-name.ts';
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
      ...partitionFindings(spec),
      ...within(['scaling'], scalingFindings(spec.scaling)),
      ...alertFindings(spec),
      ...within(['chaos'], chaosFindings(spec.chaos, reserved)),
    ],
  );
}

/** A policy with one queue may have written it as `queue`, so its problem stands there; parse.ts finds the nearest line. */
function queueFindings({ queues }: Spec): Finding[] {
  const path = (i: number): (string | number)[] => (queues.length === 1 ? ['queue'] : ['queues', i]);
  const names = new Set<string>();
  return queues.flatMap(({ weight: _, ...ref }, i): Finding[] => {
    const given = Object.keys(ref);
    if (given.length !== 1) {
      const message = given.length === 0 ? 'names no queue' : `has ${given.join(' and ')}`;
      return [{ path: path(i), message, hint: 'give exactly one of name, url, arn' }];
    }
    const name = queueNameOf(ref);
    if (names.has(name))
      return [{ path: path(i), message: `a second queue named ${name}`, hint: 'delete one of them' }];
    names.add(name);
    return [];
  });
}

/** A deny statement stands in the policy of one queue; with several the workers would go on with the others. */
function partitionFindings({ queues, chaos }: Spec): Finding[] {
  if (queues.length === 1) return [];
  return chaos.experiments.flatMap(({ fault }, i): Finding[] =>
    fault.type === 'partition' && fault.method === 'queuePolicy'
      ? [
          {
            path: ['chaos', 'experiments', i, 'fault'],
            message: 'cuts off one queue only, and this policy has several',
            hint: 'use method: securityGroup or processingFlag',
          },
        ]
      : [],
  );
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
