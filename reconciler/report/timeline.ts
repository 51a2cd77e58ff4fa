import type { AlertState } from '../../policies/model/decision.ts';
import type { TickRecord } from '../loop/tick.ts';
import { deletedBy, type Report, type Reporter } from './reporter.ts';

/** A tick that people may want to open: it changed something, or it is of another kind than the one before. */
export interface TimelineEntry {
  id: number;
  record: TickRecord;
  /** Alerts that began to fire, or ended, with this tick. */
  alerts: { fired: AlertState[]; ended: string[] };
}

const KEPT_EACH = 200;
/** Over all policies, so that a thousand of them stay within some ten megabytes. */
const KEPT_IN_ALL = 4_000;

/** Keeps decisions for the page: those with actions, and each first one of its kind. */
export class Timeline implements Reporter {
  readonly name = 'timeline';
  readonly keeps = "the page's list of decisions";
  readonly #byPolicy = new Map<string, TimelineEntry[]>();
  readonly #signatures = new Map<string, string>();
  /** Names of the alerts that fire. */
  readonly #firing = new Map<string, ReadonlySet<string>>();
  /** Policies in the order of their entries; the head is the oldest. */
  #order: string[] = [];
  #nextId = 1;

  report(report: Report): void {
    if (report.event.kind === 'tick') this.add(report.event);
    const deleted = deletedBy(report);
    if (deleted !== undefined) this.forget(deleted);
  }

  /** Returns the new entry, if the tick is worth one. */
  add(record: TickRecord): TimelineEntry | undefined {
    const { policy, generation, outcome, chaos, changedElsewhere } = record.decision;
    const alerts = this.#changedAlerts(record);
    const phases = chaos?.running.map((r) => `${r.id} ${r.phase}`).join();
    const signature = `${generation} ${outcome} ${phases}`;
    const eventful =
      record.actions.length > 0 ||
      changedElsewhere !== undefined ||
      alerts.fired.length + alerts.ended.length > 0 ||
      (chaos?.ended.length ?? 0) > 0 ||
      (chaos?.skipped.length ?? 0) > 0;
    if (!eventful && this.#signatures.get(policy) === signature) return undefined;
    this.#signatures.set(policy, signature);
    const entries = this.#byPolicy.get(policy) ?? [];
    this.#byPolicy.set(policy, entries);
    const entry = { id: this.#nextId++, record, alerts };
    entries.push(entry);
    if (entries.length > KEPT_EACH) entries.shift();
    else this.#order.push(policy);
    while (this.#order.length > KEPT_IN_ALL) this.#byPolicy.get(this.#order.shift()!)?.shift();
    return entry;
  }

  #changedAlerts({ decision: { policy, alerts } }: TickRecord): TimelineEntry['alerts'] {
    const before = this.#firing.get(policy) ?? new Set<string>();
    const firing = alerts.filter((a) => a.firing);
    const now = new Set(firing.map((a) => a.name));
    this.#firing.set(policy, now);
    return { fired: firing.filter((a) => !before.has(a.name)), ended: [...before].filter((name) => !now.has(name)) };
  }

  /** Returns the entry that a tick has, if it was worth one and is the newest. */
  entryOf(record: TickRecord): TimelineEntry | undefined {
    const newest = this.#byPolicy.get(record.decision.policy)?.at(-1);
    return newest?.record === record ? newest : undefined;
  }

  /** Returns the entries of a policy, newest first. */
  entries(policy: string): readonly TimelineEntry[] {
    return [...(this.#byPolicy.get(policy) ?? [])].reverse();
  }

  find(policy: string, id: number): TimelineEntry | undefined {
    return this.#byPolicy.get(policy)?.find((e) => e.id === id);
  }

  forget(policy: string): void {
    this.#byPolicy.delete(policy);
    this.#signatures.delete(policy);
    this.#firing.delete(policy);
    this.#order = this.#order.filter((name) => name !== policy);
  }
}
