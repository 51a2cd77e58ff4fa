/** Arrival rates over time: phases that follow one another, and repeat when asked to. */

export interface Phase {
  /** Seconds. */
  for: number;
  /** Jobs per second; from the first to the second value when there are two. */
  rate: number | [number, number];
}

export interface Profile {
  phases: readonly Phase[];
  /** True: the first phase follows the last one. False: the last rate goes on. */
  repeat: boolean;
}

/** Returns the jobs per second at `at` seconds after the start. */
export function rateAt({ phases, repeat }: Profile, at: number): number {
  const length = phases.reduce((sum, phase) => sum + phase.for, 0);
  let left = repeat && length > 0 ? at % length : at;
  for (const phase of phases) {
    if (left < phase.for) {
      const [from, to] = typeof phase.rate === 'number' ? [phase.rate, phase.rate] : phase.rate;
      return from + ((to - from) * left) / phase.for;
    }
    left -= phase.for;
  }
  const last = phases.at(-1)?.rate ?? 0;
  return typeof last === 'number' ? last : last[1];
}
