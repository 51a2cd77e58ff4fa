import { chaosWarnings } from '../chaos/findings.ts';
import { strategyOf } from '../scaling/strategies/index.ts';
import type { WorkerPolicy } from './schema.ts';

/** CloudWatch has one point of SQS's metrics a minute. */
const LEAST_AGE_MS = 60_000;

/** Returns remarks on a valid document that its author should read before it goes to AWS. They are no reason to refuse it. */
export function warningsOn({ spec }: WorkerPolicy): string[] {
  const ages = spec.alerts.filter(
    ({ metric, above, for: holds }) =>
      metric === 'oldestAge' && above !== undefined && Math.max(above, holds) < LEAST_AGE_MS,
  );
  const [only, ...others] = spec.scaling.strategies;
  return [
    ...chaosWarnings(spec.chaos),
    ...(only && others.length === 0 ? strategyOf(only).warnings(only, spec.scaling) : []),
    ...ages.map(
      ({ name }) =>
        `alert ${name} fires on estimates: its times are below 1m, and CloudWatch has the age of the oldest message once a minute`,
    ),
  ];
}
