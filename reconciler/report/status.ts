import type { Instant } from '../../policies/model/observation.ts';
import { parseStatus } from '../../policies/restore.ts';
import type { StatusDocument } from '../../policies/status.ts';
import { classify } from '../aws/errors.ts';
import type { ParameterStore } from '../aws/parameters.ts';
import type { PolicyView } from './board.ts';
import { documentOf, releasedDocument, type Urgency, urgencyOf } from './status-document.ts';

export interface StatusWriterOptions {
  /** Each parameter in it is the status of the policy of its name. */
  statuses: Pick<ParameterStore, 'find' | 'put'>;
  /** Least milliseconds between two writes of one policy, unless what a restart must know has changed. */
  interval: number;
  now?: () => Instant;
  /** Is called once for each run of failures, with a sentence. */
  onProblem: (name: string, message: string, hint?: string, code?: string) => void;
  /** Is called with a sentence for each part of a stored status that is dropped because it is damaged. */
  onDamage?: (name: string, damage: string) => void;
}

const RETRY_READ_MS = 60_000;

interface Slot {
  written?: StatusDocument;
  writtenAt: Instant;
  due?: { document: StatusDocument; urgency: Urgency };
  failing?: boolean;
  /** The stored status was read, or is known to be absent. */
  known?: boolean;
  /** When the stored status is read again, after its first read was given up. */
  retryAt?: Instant;
  /** Settles when the last write has ended: the writes of one policy never overtake each other. */
  tail: Promise<unknown>;
}

/**
 * Keeps the status parameters up to date. All writes go through one queue, most urgent first, since SSM grants an account
 * about three PutParameter a second; what changes while it waits becomes one write.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #now: () => Instant;
  readonly #slots = new Map<string, Slot>();
  /** Aborts at the deadline of `flush`. */
  readonly #end = new AbortController();
  #pumping: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Returns the stored status, or undefined when there is none. Nothing is written until it was read once: a first write must
   * not wipe the scale times of the process before this one. Throws what AWS throws.
   */
  async read(name: string): Promise<StatusDocument | undefined> {
    const slot = this.#slot(name);
    const { statuses, onDamage } = this.#options;
    const stored = parseStatus((await statuses.find(name))?.text, (damage) => onDamage?.(name, damage));
    if (stored) slot.written = stored;
    slot.known = true;
    return slot.written;
  }

  /** Notes that the policy goes on without its stored status, which is read again later and not written until then. */
  readLater(name: string): void {
    this.#slot(name).retryAt = this.#now() + RETRY_READ_MS;
  }

  /** Notes the status that follows from a view; it is written when its turn comes. Returns the document. */
  update(view: PolicyView): StatusDocument {
    const slot = this.#slot(view.name);
    if (slot.retryAt !== undefined && this.#now() >= slot.retryAt) void this.#readAgain(view.name, slot);
    const document = documentOf(view, slot.due?.document ?? slot.written, this.#now());
    const urgency = urgencyOf(slot.written, document);
    if (slot.known && urgency !== undefined) this.#due(slot, document, urgency);
    return document;
  }

  /**
   * Writes a view's status now, before anything else, for what must be on record before it is done. Rejects when it could not
   * be written.
   */
  async writeNow(view: PolicyView): Promise<void> {
    const slot = this.#slot(view.name);
    if (!slot.known) throw new Error('the stored status was not read yet');
    const document = documentOf(view, slot.due?.document ?? slot.written, this.#now());
    // The status that is due is older than this one, and must not be written after it.
    const { due } = slot;
    delete slot.due;
    try {
      await this.#put(view.name, slot, document);
    } catch (error) {
      if (due) slot.due ??= due;
      throw error;
    }
  }

  /** Notes, as the last word on a policy, that it was deleted. */
  release(name: string): void {
    const slot = this.#slot(name);
    const before = slot.due?.document ?? slot.written;
    if (before) this.#due(slot, releasedDocument(before, this.#now()), 1);
  }

  /**
   * Writes what is still due, whatever the intervals say: experiments and scale times first. For shutdown. Returns the policies
   * whose status could not be written within `ms` milliseconds.
   */
  async flush(ms: number): Promise<string[]> {
    clearTimeout(this.#timer);
    const deadline = setTimeout(() => this.#end.abort(), ms);
    await this.#pumping;
    const tried = new Set<string>();
    for (;;) {
      const next = this.#next((name) => !tried.has(name));
      if (!next || this.#end.signal.aborted) break;
      tried.add(next[0]);
      await this.#write(...next);
    }
    clearTimeout(deadline);
    return [...this.#slots].filter(([, slot]) => slot.due).map(([name]) => name);
  }

  /** Writes nothing more: another process writes the statuses from now on. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#end.abort();
    this.#slots.clear();
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name) ?? { writtenAt: Number.NEGATIVE_INFINITY, tail: Promise.resolve() };
    this.#slots.set(name, slot);
    return slot;
  }

  #due(slot: Slot, document: StatusDocument, urgency: Urgency): void {
    slot.due = { document, urgency: slot.due && slot.due.urgency < urgency ? slot.due.urgency : urgency };
    this.#pump();
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    while (!this.#end.signal.aborted) {
      const now = this.#now();
      const next = this.#next((_name, slot) => this.#from(slot) <= now);
      if (!next) break;
      await this.#write(...next);
    }
    const soonest = Math.min(...[...this.#slots.values()].filter(({ due }) => due).map((slot) => this.#from(slot)));
    if (Number.isFinite(soonest))
      this.#timer = setTimeout(() => this.#pump(), Math.max(0, soonest - this.#now())).unref();
  }

  #pump(): void {
    this.#pumping ??= this.#drain().finally(() => {
      this.#pumping = undefined;
    });
  }

  /** Returns the instant from which a slot may be written. */
  #from(slot: Slot): Instant {
    return slot.due?.urgency === 0 && !slot.failing ? this.#now() : slot.writtenAt + this.#options.interval;
  }

  /** Returns the most urgent of the slots that are due, and of these the one that waits longest. */
  #next(ready: (name: string, slot: Slot) => boolean): [string, Slot] | undefined {
    let best: [string, Slot] | undefined;
    for (const [name, slot] of this.#slots)
      if (slot.due && ready(name, slot) && (!best || before(slot, best[1]))) best = [name, slot];
    return best;
  }

  /** Reads a stored status again. Experiments in it can only be resumed at a start: then it is not written over. */
  async #readAgain(name: string, slot: Slot): Promise<void> {
    slot.retryAt = this.#now() + RETRY_READ_MS;
    try {
      const stored = await this.read(name);
      if (stored?.experiments.some((e) => e.phase !== 'ended')) {
        slot.known = false;
        this.#options.onProblem(
          name,
          'its status holds experiments of an earlier process',
          'restart Sluice: it reverts them then',
          'ExperimentsLeft',
        );
        return;
      }
      delete slot.retryAt;
    } catch {
      // It was told when it failed first; the next try is due in a minute.
    }
  }

  async #put(name: string, slot: Slot, document: StatusDocument): Promise<void> {
    const { statuses } = this.#options;
    const text = JSON.stringify(document);
    const put = slot.tail.then(() => statuses.put(name, text, { overwrite: true }, this.#end.signal));
    slot.tail = put.catch(() => {});
    await put;
    slot.written = document;
    slot.writtenAt = this.#now();
    slot.failing = false;
  }

  async #write(name: string, slot: Slot): Promise<void> {
    const { due } = slot;
    if (!due) return;
    delete slot.due;
    slot.writtenAt = this.#now();
    try {
      await this.#put(name, slot, due.document);
    } catch (error) {
      // A status that was not written stays due, unless a newer one is.
      slot.due ??= due;
      if (this.#end.signal.aborted) return;
      const { code, message, hint } = classify(error, 'ssm:PutParameter');
      if (!slot.failing) this.#options.onProblem(name, message, hint, code);
      slot.failing = true;
    }
  }
}

function before(a: Slot, b: Slot): boolean {
  const [first, second] = [a.due?.urgency ?? 2, b.due?.urgency ?? 2];
  return first === second ? a.writtenAt < b.writtenAt : first < second;
}
