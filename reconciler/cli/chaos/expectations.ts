/** The hypothesis of a run beside its measurements, and the steps of the count meanwhile. */
import { timeToRecover } from '../../../policies/chaos/run.ts';
import { formatDuration } from '../../../policies/grammar/duration.ts';
import type { Run } from '../../../policies/model/run.ts';

/** One expectation of a run's hypothesis, and what was measured. `held` is absent when nothing was measured. */
export interface Expectation {
  expected: string;
  measured: string;
  held?: boolean;
}

/** Returns the parts of a run's hypothesis beside what was measured. */
export function expectations(run: Run): Expectation[] {
  const { recoversWithin, maxVisible, maxOldestAge } = run.hypothesis;
  const took = timeToRecover(run);
  const recovered = { expected: `recovered within ${formatDuration(recoversWithin)}` };
  const all: Expectation[] = [
    took === undefined
      ? { ...recovered, measured: 'no recovery was seen', ...(run.verdict === 'failed' ? { held: false } : {}) }
      : {
          ...recovered,
          measured: `recovered in ${formatDuration(Math.round(took * 1_000))}`,
          held: took * 1_000 <= recoversWithin,
        },
  ];
  if (maxVisible !== undefined)
    all.push({
      expected: `at most ${maxVisible} messages visible`,
      measured: `at most ${run.peak.visible}`,
      held: run.peak.visible <= maxVisible,
    });
  if (maxOldestAge !== undefined)
    all.push({ expected: `no message older than ${formatDuration(maxOldestAge)}`, ...ageMeasured(run, maxOldestAge) });
  return all;
}

function ageMeasured({ peak: { age } }: Run, most: number): Omit<Expectation, 'expected'> {
  if (age === undefined) return { measured: 'the age was not read' };
  return { measured: `the oldest was ${formatDuration(age * 1_000)}`, held: age * 1_000 <= most };
}

/** Returns each change of the desired count between two points of the run's chart: seconds since its start, and the counts. */
export function scalingSteps({ samples = [] }: Run): { at: number; from: number; to: number }[] {
  return samples.flatMap(([at, , , to], i) => {
    const from = samples[i - 1]?.[3];
    return from === undefined || from === to ? [] : [{ at, from, to }];
  });
}
