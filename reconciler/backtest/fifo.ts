/** Waiting messages, first in first out: the time at which each was sent, and its work. A ring that grows. */
export class Fifo {
  size = 0;
  #sent = new Float64Array(1_024);
  #service = new Float64Array(1_024);
  #head = 0;

  add(sent: number, service: number): void {
    if (this.size === this.#sent.length) this.#grow();
    const at = (this.#head + this.size++) & (this.#sent.length - 1);
    this.#sent[at] = sent;
    this.#service[at] = service;
  }

  /** The time at which the first was sent. Call only when `size` is above 0. */
  get headSent(): number {
    return this.#sent[this.#head]!;
  }

  /** Removes the first and returns its work. Call only when `size` is above 0. */
  take(): number {
    const service = this.#service[this.#head]!;
    this.#head = (this.#head + 1) & (this.#sent.length - 1);
    this.size--;
    return service;
  }

  #grow(): void {
    const old = this.#sent.length;
    const turn = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(2 * old);
      to.set(from.subarray(this.#head));
      to.set(from.subarray(0, this.#head), old - this.#head);
      return to;
    };
    this.#sent = turn(this.#sent);
    this.#service = turn(this.#service);
    this.#head = 0;
  }
}
