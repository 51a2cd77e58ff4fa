import { formatProblem } from '../../policies/document/parse.ts';
import { describeAction } from '../../policies/grammar/describe-action.ts';
import type { Instant } from '../../policies/model/observation.ts';
import { memoryFrom, parseStatus } from '../../policies/restore.ts';
import { type StatusDocument, statusOf } from '../../policies/status.ts';
import { classify } from '../aws/errors.ts';
import type { ParameterStore } from '../aws/parameters.ts';
import type { PolicyView } from './board.ts';

export interface StatusWriterOptions {
  /** Each parameter in it is the status of the policy of its name. */
  statuses: Pick<ParameterStore, 'find' | 'put'>;
  /** Least milliseconds between two writes of one policy, unless what a restart must know has changed. */
  interval: number;
  now?: () => Instant;
  /** LastLogged once about each run of failures, with a sentence. */
  onProblem: (name: string, message: string, hint?: string) => void;
}

const RETRY_READ_MS = 60_000;

/** 0: must survive a crash (scale times). 1: somebody waits for it (conditions). 2: counts. */
type Urgency = 0 | 1 | 2;

interface Slot {
  written?: StatusDocument;
  writtenAt: Instant;
  due?: { document: StatusDocument; urgency: Urgency };
  failing?: boolean;
  /** Whether the stored status was read, or is known to be absent. */
  known?: boolean;
  /** The first read was given up; when it is tried again. */
  retryAt?: Instant;
}

/**
 * Keeps the status parameters up to date. All writes go through one queue, most urgent first, since SSM grants an
 * account about three PutParameter a second; what changes while it waits is coalesced into one write.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #now: () => Instant;
  readonly #slots = new Map<string, Slot>();
  #pumping: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /**
   * The stored status, or undefined when there is none. Until it was read once nothing is written: a first write must not
   * wipe the scale times of the process before this one. Throws what AWS throws.
   */
  async read(name: string): Promise<StatusDocument | undefined> {
    const slot = this.#slot(name);
    const stored = parseStatus((await this.#options.statuses.find(name))?.text);
    if (stored) slot.written = stored;
    slot.known = true;
    return slot.written;
  }

  /** The stored status could not be read, and the policy goes on without: it is tried again, and until then not written. */
  readLater(name: string): void {
    this.#slot(name).retryAt = this.#now() + RETRY_READ_MS;
  }

  /** Notes the status that follows from a view; it is written when its turn comes. Returns the document. */
  update(view: PolicyView): StatusDocument {
    const slot = this.#slot(view.name);
    if (slot.retryAt !== undefined && this.#now() >= slot.retryAt) void this.#readAgain(view.name, slot);
    const previous = slot.due?.document ?? slot.written;
    const document = documentOf(view, previous, this.#now());
    const urgency = urgencyOf(slot.written, document);
    if (slot.known && urgency !== undefined) {
      slot.due = { document, urgency: slot.due ? (Math.min(slot.due.urgency, urgency) as Urgency) : urgency };
      this.#pump();
    }
    return document;
  }

  /**
   * Writes a view's status now, before anything else, for what must be on record before it is done. Rejects when it
   * could not be written.
   */
  async writeNow(view: PolicyView): Promise<void> {
    const slot = this.#slot(view.name);
    if (!slot.known) throw new Error('the stored status was not read yet');
    const document = documentOf(view, slot.due?.document ?? slot.written, this.#now());
    await this.#put(view.name, document);
    slot.written = document;
    slot.writtenAt = this.#now();
    delete slot.due;
  }

  /** Says that a policy is let go, as the last word on it. */
  release(name: string): void {
    const slot = this.#slot(name);
    const before = slot.due?.document ?? slot.written;
    if (before) {
      const at = new Date(this.#now()).toISOString();
      const conditions = before.conditions.map((c) =>
        c.type === 'Ready'
          ? {
              ...c,
              status: 'False' as const,
              reason: 'PolicyDeleted',
              message: 'the policy was deleted; the service keeps its count',
              lastTransitionTime: at,
            }
          : c,
      );
      slot.due = { document: { ...before, observedGeneration: 0, conditions, updatedAt: at }, urgency: 1 };
      this.#pump();
    }
  }

  /** Writes what is still due, whatever the intervals say. For shutdown. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#pumping;
    for (const [name, slot] of this.#slots) if (slot.due) await this.#write(name, slot);
  }

  #slot(name: string): Slot {
    let slot = this.#slots.get(name);
    if (!slot) {
      slot = { writtenAt: Number.NEGATIVE_INFINITY };
      this.#slots.set(name, slot);
    }
    return slot;
  }

  #pump(): void {
    this.#pumping ??= this.#drain().finally(() => {
      this.#pumping = undefined;
    });
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#timer);
    for (;;) {
      const now = this.#now();
      let best: [string, Slot] | undefined;
      let soonest = Number.POSITIVE_INFINITY;
      for (const [name, slot] of this.#slots) {
        if (!slot.due) continue;
        const from = slot.due.urgency === 0 && !slot.failing ? now : slot.writtenAt + this.#options.interval;
        if (from > now) soonest = Math.min(soonest, from);
        else if (!best || before(slot, best[1])) best = [name, slot];
      }
      if (!best) {
        if (Number.isFinite(soonest)) this.#timer = setTimeout(() => this.#pump(), soonest - now).unref();
        return;
      }
      await this.#write(...best);
    }
  }

  /** Experiments that an earlier process left can only be resumed at a start: their status is not written over. */
  async #readAgain(name: string, slot: Slot): Promise<void> {
    slot.retryAt = this.#now() + RETRY_READ_MS;
    try {
      const stored = await this.read(name);
      if (stored?.experiments.some((e) => e.phase !== 'ended')) {
        slot.known = false;
        this.#options.onProblem(
          name,
          'it holds experiments of an earlier process',
          'restart Sluice: it takes them back then',
        );
        return;
      }
      delete slot.retryAt;
    } catch {
      // Said when it failed first; the next try is due in a minute.
    }
  }

  #put(name: string, document: StatusDocument): Promise<unknown> {
    return this.#options.statuses.put(name, JSON.stringify(document), { overwrite: true });
  }

  async #write(name: string, slot: Slot): Promise<void> {
    const { document, urgency } = slot.due!;
    delete slot.due;
    slot.writtenAt = this.#now();
    try {
      await this.#put(name, document);
      slot.written = document;
      slot.failing = false;
    } catch (error) {
      const failure = classify(error, 'ssm:PutParameter');
      if (!slot.failing) this.#options.onProblem(name, failure.message, failure.hint);
      slot.failing = true;
      // A status that was not written stays due, unless a newer one is.
      slot.due ??= { document, urgency };
    }
  }
}

function before(a: Slot, b: Slot): boolean {
  return a.due!.urgency !== b.due!.urgency ? a.due!.urgency < b.due!.urgency : a.writtenAt < b.writtenAt;
}

function documentOf(view: PolicyView, previous: StatusDocument | undefined, now: Instant): StatusDocument {
  const { last, refused } = view;
  const failedActions = (last?.results ?? []).flatMap((r) =>
    r.outcome === 'failed' ? [`${describeAction(r.action)}: ${r.message}${r.hint ? ` (${r.hint})` : ''}`] : [],
  );
  const first = refused?.problems[0];
  return statusOf({
    generation: view.generation,
    refused: refused && first ? { version: refused.version, problem: formatProblem(view.name, first) } : undefined,
    decision: last?.decision,
    failedActions,
    memory: last?.after ?? memoryFrom(previous),
    ...(view.target ? { target: view.target } : {}),
    previous,
    now,
  });
}

/** How much it matters that `next` is written; undefined when nothing has changed but the time and the wording. */
function urgencyOf(written: StatusDocument | undefined, next: StatusDocument): Urgency | undefined {
  if (!written) return 1;
  const same = (pick: (d: StatusDocument) => unknown): boolean =>
    JSON.stringify(pick(written)) === JSON.stringify(pick(next));
  if (
    !same((d) => [d.lastScaleUp, d.lastScaleDown, d.chaos?.held?.count, d.chaos?.answers, d.experiments.map(standing)])
  )
    return 0;
  if (!same((d) => [d.observedGeneration, d.conditions.map((c) => [c.type, c.status, c.reason])])) return 1;
  return same((d) => [d.workers, d.queue]) ? undefined : 2;
}

/** The part of a run that a restart must know; its measurements may be a little old. */
const standing = ({ id, phase, verdict, timeline }: StatusDocument['experiments'][number]): unknown[] => [
  id,
  phase,
  verdict,
  timeline.injected,
  timeline.removed,
];
