import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Instant } from '../../policies/model/observation.ts';
import type { Recorded } from '../../policies/replay.ts';
import type { TickRecord } from '../loop/tick.ts';
import { KEPT_MS } from './history.ts';
import { deletedBy, type Report, type Reporter } from './reporter.ts';

/** A decision that changes nothing is kept once in this many milliseconds. */
const QUIET_MS = 10_000;
/** Bytes over all policies. One record takes about 1 KB: one policy keeps its six hours, a thousand keep some minutes each. */
const MOST_BYTES = 32_000_000;

interface Kept {
  at: Instant;
  bytes: Uint8Array;
}

/** Keeps the last six hours of decisions whole and compressed, so that an edit can be replayed on them. */
export class Records implements Reporter {
  readonly name = 'records';
  readonly keeps = 'the replay of an edit';
  readonly #byPolicy = new Map<string, Kept[]>();
  readonly #newest = new Map<string, Recorded>();
  readonly #most: number;
  #bytes = 0;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  report(report: Report): void {
    const { event } = report;
    if (event.kind === 'tick') this.#keep(event);
    const deleted = deletedBy(report);
    if (deleted !== undefined) this.#forget(deleted);
  }

  /** Yields the decisions of a policy, oldest first; the newest one always. Each is unpacked when it is asked for. */
  *of(policy: string): Generator<Recorded> {
    const kept = this.#byPolicy.get(policy) ?? [];
    for (const { bytes } of [...kept]) yield JSON.parse(inflateRawSync(bytes).toString()) as Recorded;
    const newest = this.#newest.get(policy);
    if (newest && newest.decision.at !== kept.at(-1)?.at) yield newest;
  }

  #keep({ decision, memory, actions }: TickRecord): void {
    const kept = this.#byPolicy.get(decision.policy) ?? [];
    this.#byPolicy.set(decision.policy, kept);
    const { at } = decision;
    this.#newest.set(decision.policy, { decision, memory });
    if (actions.length === 0 && at - (kept.at(-1)?.at ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    const bytes = deflateRawSync(JSON.stringify({ decision, memory }), { level: 1 });
    kept.push({ at, bytes });
    this.#bytes += bytes.length;
    while (kept[0] && kept[0].at < at - KEPT_MS) this.#drop(kept);
    // The policy with the most makes room: those with few decisions keep theirs.
    while (this.#bytes > this.#most) this.#drop(this.#longest());
  }

  #longest(): Kept[] {
    let longest: Kept[] = [];
    for (const kept of this.#byPolicy.values()) if (kept.length > longest.length) longest = kept;
    return longest;
  }

  #drop(kept: Kept[]): void {
    this.#bytes -= kept.shift()?.bytes.length ?? this.#bytes;
  }

  #forget(policy: string): void {
    for (const { bytes } of this.#byPolicy.get(policy) ?? []) this.#bytes -= bytes.length;
    this.#byPolicy.delete(policy);
    this.#newest.delete(policy);
  }
}
