import type { ExperimentSpec } from '../../../policies/chaos/schema.ts';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';

/** Returns the harm that a run would do, in one sentence, to be agreed to before it begins. */
export function effectOf({ fault }: ExperimentSpec, { spec }: WorkerPolicy): string {
  const service = `${spec.service.cluster}/${spec.service.name}`;
  switch (fault.type) {
    case 'stopTask':
      return `stops ${fault.percent === undefined ? (fault.count ?? 1) : `${fault.percent} % of the`} running tasks of ${service}; ECS starts others`;
    case 'drain':
      return `sets ${service} to 0 workers for ${formatDuration(fault.hold)}, then restores the count`;
    case 'partition':
      return `cuts the workers of ${service} off from their queue for ${formatDuration(fault.duration)} (${fault.method})`;
  }
}
