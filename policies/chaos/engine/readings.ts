import type { ChaosMemory } from '../../model/chaos.ts';
import type { ChaosRequest, Instant, Observation } from '../../model/observation.ts';
import type { RequiredReadings } from '../../model/required-readings.ts';
import { faultOf, runningFault } from '../faults/index.ts';
import { occurrences } from '../schedule.ts';
import type { ChaosPolicy, ExperimentSpec } from '../schema.ts';

/** Returns the readings that experiments need in this tick, beside queue and service. */
export function chaosReadings(
  policy: ChaosPolicy,
  memory: ChaosMemory | undefined,
  requests: readonly ChaosRequest[],
  now: Instant,
): RequiredReadings {
  const { experiments, enabled, seed } = policy.spec.chaos;
  const asked = new Set(requests.map((r) => r.experiment));
  const active = new Set(memory?.runs.map((r) => r.experiment));
  const isDue = ({ name, trigger, enabled: on }: ExperimentSpec): boolean =>
    memory?.due[name] !== undefined ||
    (on && memory?.lookedAt !== undefined && occurrences(name, trigger, seed, memory.lookedAt, now).length > 0);
  const wanted = experiments.filter((e) => active.has(e.name) || (enabled && (asked.has(e.name) || isDue(e))));
  // The experiment may be gone from the document, or edited: the revert still looks at the state that the run changed.
  const reverts = (memory?.runs ?? []).map((run) => ({ deadLetters: true, ...runningFault(run)?.revertReadings }));
  return merged([...wanted.map((e) => requiredReadingsOf(policy, e)), ...reverts]);
}

/** Returns the readings without which an experiment does not start, those of its stop conditions included. */
export function requiredReadingsOf({ spec }: ChaosPolicy, experiment: ExperimentSpec): RequiredReadings {
  const alarms = [spec.chaos.stopWhen.alarm, experiment.stopWhen.alarm].filter((a) => a !== undefined);
  return {
    ...faultOf(experiment.fault).requiredReadings,
    deadLetters: true,
    ...(alarms.length > 0 ? { alarms } : {}),
  };
}

/** Returns true when the observation lacks one of these readings. A reading that failed is not lacking. */
export function isLacking(required: RequiredReadings, { chaos = {} }: Observation): boolean {
  return (Object.keys(required) as (keyof RequiredReadings)[]).some((key) => chaos[key] === undefined);
}

function merged(all: readonly RequiredReadings[]): RequiredReadings {
  const alarms = [...new Set(all.flatMap((w) => w.alarms ?? []))];
  const readings: RequiredReadings = Object.assign({}, ...all);
  return alarms.length > 0 ? { ...readings, alarms } : readings;
}
