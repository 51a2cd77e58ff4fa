/**
 * Returns the slopes, step by step, of the shortest line between two rising curves, from 0 to the end of the lower one.
 * `lower` and `upper` are cumulative values at the ends of steps of length 1, with `lower <= upper`; both begin at 0 before
 * the first step. Of all lines between the curves it has the smallest sum of every convex function of its slopes, and the
 * smallest rises and falls (Barlow et al., Statistical Inference under Order Restrictions, 1972: the taut string).
 */
export function tautString(lower: Float64Array, upper: Float64Array): Float64Array {
  const steps = lower.length;
  const slopes = new Float64Array(steps);
  const at = (curve: Float64Array, step: number): number => (step === steps ? lower[steps - 1]! : curve[step - 1]!);
  let from = 0;
  let value = 0;
  while (from < steps) {
    // The line may leave the anchor with any slope from `least` to `most` and stay between the curves so far.
    let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    let [leastAt, mostAt] = [from + 1, from + 1];
    let next = from + 1;
    let slope: number | undefined;
    for (; next <= steps; next++) {
      const up = (at(upper, next) - value) / (next - from);
      const low = (at(lower, next) - value) / (next - from);
      if (low > most) {
        [slope, next] = [most, mostAt];
        break;
      }
      if (up < least) {
        [slope, next] = [least, leastAt];
        break;
      }
      if (up <= most) [most, mostAt] = [up, next];
      if (low >= least) [least, leastAt] = [low, next];
    }
    if (slope === undefined) [slope, next] = [least, steps];
    slopes.fill(slope, from, next);
    value += slope * (next - from);
    from = next;
  }
  return slopes;
}
