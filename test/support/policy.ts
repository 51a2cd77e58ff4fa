import { parsePolicy } from '../../policies/document/parse.ts';
import type { PolicyInput, WorkerPolicy } from '../../policies/document/schema.ts';
import { emptyMemory } from '../../policies/memory.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { Failure, Observation, QueueCounts, ServiceState } from '../../policies/model/observation.ts';

/** Deep partial of the scaling section, as an author writes it. */
type Scaling = Partial<PolicyInput['spec']['scaling']>;

/** A policy in force, made through the real parser. */
export function policyOf(scaling: Scaling = {}, spec: Partial<PolicyInput['spec']> = {}, generation = 1): WorkerPolicy {
  const document = {
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name: 'jobs' },
    spec: {
      ...(spec.queues ? {} : { queue: { name: 'jobs' } }),
      service: { cluster: 'demo', name: 'jobs' },
      ...spec,
      scaling: { minWorkers: 1, maxWorkers: 20, strategies: [{ type: 'threshold' }], ...scaling },
    },
  };
  const parsed = parsePolicy(JSON.stringify(document), { generation });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

export const T0 = 1_700_000_000_000;

export interface Look {
  visible?: number;
  inFlight?: number;
  delayed?: number;
  workers?: number;
  running?: number;
  pending?: number;
  deploying?: boolean;
  at?: number;
  age?: number | undefined;
  failQueue?: Partial<Failure>;
  failService?: Partial<Failure>;
}

const failure = (given: Partial<Failure>): Failure => ({
  class: 'transient',
  code: 'ThrottlingException',
  message: 'slow down',
  ...given,
});

export function look(given: Look = {}): Observation {
  const at = given.at ?? T0;
  const queue: QueueCounts = {
    visible: given.visible ?? 0,
    inFlight: given.inFlight ?? 0,
    delayed: given.delayed ?? 0,
  };
  const desired = given.workers ?? 2;
  const service: ServiceState = {
    desired,
    running: given.running ?? desired,
    pending: given.pending ?? 0,
    status: 'ACTIVE',
    deploying: given.deploying ?? false,
  };
  return {
    at,
    queue: given.failQueue ? { ok: false, at, failure: failure(given.failQueue) } : { ok: true, at, value: queue },
    service: given.failService
      ? { ok: false, at, failure: failure(given.failService) }
      : { ok: true, at, value: service },
    ...('age' in given
      ? {
          age: {
            ok: true as const,
            at,
            value: given.age === undefined ? undefined : { seconds: given.age, estimated: false },
          },
        }
      : {}),
  };
}

export const memoryOf = (given: Partial<Memory> = {}): Memory => ({ ...emptyMemory(), ...given });
