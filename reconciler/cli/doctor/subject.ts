import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { queueNameOf } from '../../../policies/grammar/queue-name.ts';
import type { Settings } from '../../settings.ts';
import type { Subject } from './probes.ts';

export interface Surroundings
  extends Pick<Settings, 'prefix' | 'statusPrefix' | 'requestsPrefix'>,
    Partial<Pick<Settings, 'wakeQueue'>> {
  /** The name of the dead-letter queue, whose depth experiments report. */
  deadLetters?: string | undefined;
}

/** Returns the things that a policy's calls are about. */
export function subjectOf({ metadata, spec }: WorkerPolicy, around: Surroundings): Subject {
  const { prefix, statusPrefix, requestsPrefix, deadLetters, wakeQueue } = around;
  const flags = spec.chaos.experiments.flatMap(({ fault }) => ('parameter' in fault ? [fault.parameter] : []));
  const last = (name: string): string => name.split('/').at(-1) ?? name;
  return {
    name: metadata.name,
    prefix,
    statusPrefix,
    requestsPrefix,
    queue: queueNameOf(spec.queue),
    queues: spec.queues.map(queueNameOf),
    deadLetters,
    cluster: last(spec.service.cluster),
    service: last(spec.service.name),
    wakeQueue,
    flags,
  };
}
