/** Draws seeded random numbers for choices, so that a run can be repeated. Ids do not come from here. */

/** Returns a generator of numbers in [0, 1): Marsaglia's xorshift on 32 bits, good enough to choose a task. */
export function seededRandom(seed: number): () => number {
  // Zero is the one state that xorshift cannot leave.
  let state = Math.trunc(seed) ^ 0x9e3779b9 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Returns a shuffled copy (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
