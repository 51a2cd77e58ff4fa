/** The start of a run: from an occasion to a run with its intent, or to the precondition that does not hold. */
import { hash, random } from '../../grammar/random.ts';
import type { ChaosMemory } from '../../model/chaos.ts';
import type { Instant, Observation } from '../../model/observation.ts';
import type { Run } from '../../model/run.ts';
import { faultOf, runningFault } from '../faults/index.ts';
import { type Blocked, blockedBy } from '../preconditions.ts';
import type { ChaosPolicy, ExperimentSpec } from '../schema.ts';
import { isLacking, requiredReadingsOf } from './readings.ts';

export interface BeginContext {
  policy: ChaosPolicy;
  experiment: ExperimentSpec;
  seen: Observation;
  memory: ChaosMemory;
  now: Instant;
  /** The scaling rules change the count in this tick. */
  scaling: boolean;
  id: string;
  trigger: Run['trigger'];
}

/** `wait`: a needed reading was not requested in this tick. The next tick has it. */
export type Begun = { run: Run } | { blocked: Blocked } | { wait: true };

/** Starts a run in `memory`, or returns the reason why it cannot start now. */
export function begin(context: BeginContext): Begun {
  const { policy, experiment, seen, memory, now, id } = context;
  if ([...memory.runs, ...memory.recent].some((run) => run.id === id))
    return { blocked: { precondition: 'once', because: 'it has run already' } };
  const blocked = blockedBy(context);
  // A plan is made even where only the mode forbids the run: the record then says what would have been done.
  if (blocked && blocked.precondition !== 'mode') return { blocked };
  if (isLacking(requiredReadingsOf(policy, experiment), seen)) return { wait: true };
  const fault = faultOf(experiment.fault);
  const planned = fault.plan({
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
  const run = startOf(context, planned);
  memory.runs.push(run);
  return { run };
}

function startOf(
  { experiment, seen, now, id, trigger }: BeginContext,
  { injection, summary }: { injection: unknown; summary: string },
): Run {
  const fault = experiment.fault.type;
  const { inverse, holdsCount, needsMessages } = runningFault({ fault, injection }) ?? {};
  const age = seen.age?.ok ? seen.age.value?.seconds : undefined;
  const deadLetters = seen.chaos?.deadLetters?.ok ? seen.chaos.deadLetters.value : undefined;
  const visible = seen.queue.ok ? seen.queue.value.visible : 0;
  const service = seen.service.ok ? seen.service.value : undefined;
  return {
    id,
    experiment: experiment.name,
    fault,
    trigger,
    summary,
    phase: 'injecting',
    spec: fingerprint(experiment),
    injection,
    inverse: inverse?.(id) ?? [],
    ...(holdsCount === undefined ? {} : { holdsCount }),
    ...(needsMessages ? { idle: true as const } : {}),
    startedAt: now,
    deadline: now + experiment.timeout,
    before: {
      visible,
      desired: service?.desired ?? 0,
      ...(age === undefined ? {} : { age }),
      ...(deadLetters === undefined ? {} : { deadLetters }),
      ...(service?.deployment === undefined ? {} : { deployment: service.deployment }),
    },
    peak: { visible, ...(age === undefined ? {} : { age }) },
    hypothesis: hypothesisOf(experiment),
  };
}

function hypothesisOf({ hypothesis: { recoversWithin, maxOldestAge, maxVisible } }: ExperimentSpec): Run['hypothesis'] {
  return {
    recoversWithin,
    ...(maxOldestAge === undefined ? {} : { maxOldestAge }),
    ...(maxVisible === undefined ? {} : { maxVisible }),
  };
}

/** Returns a number that changes when any part of the experiment but its trigger changes. */
export const fingerprint = ({ trigger: _, ...rest }: ExperimentSpec): number => hash(JSON.stringify(rest));

/** Returns a run's id: the same for the same occasion, and of letters and digits only, since it goes into a Sid. */
export function runId(policy: string, experiment: string, occasion: string): string {
  const of = (salt: string): string =>
    hash(`${salt} ${policy} ${experiment} ${occasion}`).toString(36).padStart(7, '0');
  return `${of('a')}${of('b')}`.slice(0, 12);
}
