/** The true counts of a queue at one time, in messages. */
export interface Seen {
  visible: number;
  inFlight: number;
}

/** The oldest count that can be asked for: twice the longest delay of a look, and the second in which it lies. */
const KEPT_S = 128;

/** The last two minutes of the true counts, second by second. */
export class Timeline {
  readonly #visible = new Float64Array(KEPT_S);
  readonly #inFlight = new Float64Array(KEPT_S);

  /** Notes that the counts were these from `from` to `to`, in seconds. */
  pass(from: number, to: number, { visible, inFlight }: Seen): void {
    const last = Math.floor(to);
    for (let second = Math.max(Math.floor(from) + 1, last - KEPT_S + 1); second <= last; second++) {
      this.#visible[second % KEPT_S] = visible;
      this.#inFlight[second % KEPT_S] = inFlight;
    }
  }

  /** Returns the counts at a second of the last two minutes; nothing before the start. */
  at(second: number): Seen {
    const i = Math.floor(second) % KEPT_S;
    return second < 0 ? { visible: 0, inFlight: 0 } : { visible: this.#visible[i]!, inFlight: this.#inFlight[i]! };
  }
}
