/** The polls that stopped workers left behind: SQS may give a message to them that nobody works on. */
export class DeadPolls {
  readonly #length: number;
  readonly #chance: () => number;
  /** Their ends, the first one first. */
  readonly #ends: number[] = [];

  /** `length` in seconds; with 0 no poll is left behind. */
  constructor(length: number, chance: () => number) {
    this.#length = length;
    this.#chance = chance;
  }

  /** Notes that a worker was stopped while it polled. */
  leave(now: number): void {
    if (this.#length > 0) this.#ends.push(now + this.#length);
  }

  /** Returns whether SQS gives the message that arrives now to such a poll. It gives it to any of those that wait, `others` too. */
  take(now: number, others: number): boolean {
    const ends = this.#ends;
    while (ends.length > 0 && ends[0]! < now) ends.shift();
    if (ends.length === 0 || this.#chance() * (ends.length + others) >= ends.length) return false;
    ends.shift();
    return true;
  }
}
