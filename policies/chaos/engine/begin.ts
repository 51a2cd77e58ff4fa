/** From "it is due" to a run with its intent, or to the rail that holds it back. */
import type { WorkerPolicy } from '../../document/schema.ts';
import { hash, random } from '../../grammar/random.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import type { RequiredReadings } from '../../model/required-readings.ts';
import { type Blocked, blockedBy } from '../preconditions.ts';
import type { ChaosMemory, Run } from '../run.ts';
import { type ExperimentSpec, faultOf, type Injection } from '../schema.ts';

export interface BeginContext {
  policy: WorkerPolicy;
  experiment: ExperimentSpec;
  seen: Observation;
  memory: ChaosMemory;
  now: Instant;
  /** The scaling rules change the count in this tick. */
  scaling: boolean;
  id: string;
  trigger: Run['trigger'];
}

/** `wait`: a reading that is needed was not asked for yet; it is at the next tick. */
export type Begun = { run: Run } | { blocked: Blocked } | { wait: true };

export function begin(context: BeginContext): Begun {
  const { policy, experiment, seen, memory, now, id, trigger } = context;
  const fault = faultOf(experiment.fault.type);
  if ([...memory.runs, ...memory.recent].some((run) => run.id === id))
    return { blocked: { precondition: 'once', because: 'it has run already' } };
  const blocked = blockedBy(context);
  // A plan is made even where only the mode forbids it: the record then says what would have been done.
  if (blocked && blocked.precondition !== 'mode') return { blocked };
  if (lacking(requiredReadingsOf(policy, experiment), seen)) return { wait: true };
  const planned = fault.plan(experiment.fault, {
    seen,
    now,
    run: id,
    random: random(hash(`${policy.spec.chaos.seed} ${id}`)),
    policy: policy.metadata.name,
    experiment: experiment.name,
    minHealthyWorkers: policy.spec.chaos.minHealthyWorkers,
  });
  if ('refused' in planned)
    return { blocked: { precondition: planned.precondition ?? 'plan', because: planned.refused } };
  if (blocked) return { blocked: { ...blocked, because: `${blocked.because}; it would ${planned.summary}` } };
  const age = seen.age?.ok ? seen.age.value?.seconds : undefined;
  const deadLetters = seen.chaos?.deadLetters?.ok ? seen.chaos.deadLetters.value : undefined;
  const visible = seen.queue.ok ? seen.queue.value.visible : 0;
  const deployment = seen.service.ok ? seen.service.value.deployment : undefined;
  memory.runs.push({
    id,
    experiment: experiment.name,
    fault: experiment.fault.type,
    trigger,
    summary: planned.summary,
    phase: 'injecting',
    spec: fingerprint(experiment),
    injection: { ...planned.injection, type: experiment.fault.type } as Injection,
    startedAt: now,
    deadline: now + experiment.timeout,
    before: {
      visible,
      desired: seen.service.ok ? seen.service.value.desired : 0,
      ...(age === undefined ? {} : { age }),
      ...(deadLetters === undefined ? {} : { deadLetters }),
      ...(deployment === undefined ? {} : { deployment }),
    },
    peak: { visible, ...(age === undefined ? {} : { age }) },
    hypothesis: hypothesisOf(experiment),
  });
  return { run: memory.runs.at(-1)! };
}

/** What an experiment must be able to read, its stop conditions included. */
export function requiredReadingsOf({ spec }: WorkerPolicy, experiment: ExperimentSpec): RequiredReadings {
  const alarms = [spec.chaos.stopWhen.alarm, experiment.stopWhen.alarm].filter((a) => a !== undefined);
  const { fault } = experiment;
  return {
    ...faultOf(fault.type).requiredReadings(fault),
    deadLetters: true,
    ...(alarms.length > 0 ? { alarms } : {}),
  };
}

function lacking(requiredReadings: RequiredReadings, { chaos = {} }: Observation): boolean {
  return (Object.keys(requiredReadings) as (keyof RequiredReadings)[]).some((key) => chaos[key] === undefined);
}

function hypothesisOf({ hypothesis: { recoversWithin, maxOldestAge, maxVisible } }: ExperimentSpec): Run['hypothesis'] {
  return {
    recoversWithin,
    ...(maxOldestAge === undefined ? {} : { maxOldestAge }),
    ...(maxVisible === undefined ? {} : { maxVisible }),
  };
}

/** Changes when anything of the experiment but its trigger does. */
export const fingerprint = ({ trigger: _, ...rest }: ExperimentSpec): number => hash(JSON.stringify(rest));

/** Letters and digits only: it goes into a statement's Sid. The same occasion always has the same id. */
export function runId(policy: string, experiment: string, occasion: string): string {
  const of = (salt: string): string =>
    hash(`${salt} ${policy} ${experiment} ${occasion}`).toString(36).padStart(7, '0');
  return `${of('a')}${of('b')}`.slice(0, 12);
}
