import { chaosWarnings } from '../chaos/findings.ts';
import { ignoresOneMessage } from '../scaling/strategies/step.ts';
import type { WorkerPolicy } from './schema.ts';

/** CloudWatch has one point of SQS's metrics a minute. */
const LEAST_AGE_MS = 60_000;

/** Returns remarks on a valid document that its author should read before it goes to AWS. They are no reason to refuse it. */
export function warningsOn({ spec }: WorkerPolicy): string[] {
  const ages = spec.alerts.filter(
    ({ metric, above, for: holds }) =>
      metric === 'oldestAge' && above !== undefined && Math.max(above, holds) < LEAST_AGE_MS,
  );
  return [
    ...chaosWarnings(spec.chaos),
    ...stepWarnings(spec.scaling),
    ...ages.map(
      ({ name }) =>
        `alert ${name} fires on estimates: its times are below 1m, and CloudWatch has the age of the oldest message once a minute`,
    ),
  ];
}

/** With a lowest count of zero, bands may never add the first worker. */
function stepWarnings({ minWorkers, strategies }: WorkerPolicy['spec']['scaling']): string[] {
  const asleep = strategies.some((strategy) => strategy.type === 'step' && ignoresOneMessage(strategy));
  return minWorkers === 0 && asleep && strategies.length === 1
    ? [
        'step has no band that adds a worker for 1 message: from 0 workers Sluice starts one for the first message, and the bands do the rest; to choose yourself, add a band from 1 with a positive change',
      ]
    : [];
}
