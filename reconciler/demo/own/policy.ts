/** The policy of a run of own workers: the user's file, fitted to the embedded AWS, or one that suits most workers. */
import { parseDocument, stringify } from 'yaml';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';

export interface OwnPolicy {
  name: string;
  text: string;
  queue: string;
  cluster: string;
  service: string;
  minWorkers: number;
  /** Names of its experiments. */
  experiments: string[];
  /** One line for each change that was made for this run. The user's file is not touched. */
  notes: string[];
}

/** Returns a policy for workers whose owner has not written one yet: it scales within seconds, so that it can be watched. */
export const suggestedPolicy = (queue: string): string =>
  stringify({
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name: 'workers' },
    spec: {
      mode: 'enforce',
      queue: { name: queue },
      service: { cluster: 'local', name: 'workers' },
      interval: '1s',
      scaling: {
        minWorkers: 1,
        maxWorkers: 8,
        strategies: [{ type: 'backlogPerWorker', target: 4 }],
        scaleUp: { cooldown: '3s' },
        scaleDown: { cooldown: '5s', stabilizationWindow: '15s', keepInFlight: true },
      },
      chaos: {
        enabled: true,
        cooldown: '5s',
        experiments: [
          { name: 'stop-a-task', fault: { type: 'stopTask', count: 1 }, hypothesis: { recoversWithin: '60s' } },
          { name: 'cut-off', fault: { type: 'partition', duration: '15s' }, hypothesis: { recoversWithin: '90s' } },
          { name: 'drain-all', fault: { type: 'drain', hold: '8s' }, hypothesis: { recoversWithin: '90s' } },
        ],
      },
    },
  });

/** Fits a parsed policy to the embedded AWS. `source` is what notes call it. */
export function fitPolicy(text: string, { metadata, spec }: WorkerPolicy, source: string): OwnPolicy {
  const queue = spec.queue.name ?? lastPart(spec.queue.arn ?? spec.queue.url ?? '');
  const cluster = lastPart(spec.service.cluster);
  const service = lastPart(spec.service.name);
  const document = parseDocument(text);
  const notes: string[] = [];
  if (spec.mode === 'observe') {
    document.setIn(['spec', 'mode'], 'enforce');
    notes.push(`${source} says mode: observe. Sluice enforces it on this embedded AWS; your file stays as it is`);
  }
  if (spec.queue.name === undefined || cluster !== spec.service.cluster || service !== spec.service.name) {
    document.setIn(['spec', 'queue'], document.createNode({ name: queue }));
    document.setIn(['spec', 'service'], document.createNode({ cluster, name: service }));
    notes.push(`${source} names AWS's own queue or service. Here they are ${queue} and ${cluster}/${service}`);
  }
  return {
    name: metadata.name,
    text: notes.length > 0 ? document.toString() : text,
    queue,
    cluster,
    service,
    minWorkers: spec.scaling.minWorkers,
    experiments: spec.chaos.enabled ? spec.chaos.experiments.map(({ name }) => name) : [],
    notes,
  };
}

/** `arn:aws:sqs:eu-west-1:111122223333:jobs` and `https://.../jobs` name `jobs`. */
const lastPart = (text: string): string => text.split(/[:/]/).at(-1) ?? text;
