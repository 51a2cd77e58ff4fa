import { serviceKey } from '../../policies/document/service-key.ts';
import type { Claim } from '../../policies/model/claim.ts';
import type { Instant } from '../../policies/model/observation.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';

type Claimed = Extract<PolicyEvent, { kind: 'claimed' }>;

interface Entry {
  claim: Claim;
  /** The stored claim was looked for, so `since` is as old as it gets. */
  isRead: boolean;
  /** The event that was emitted last, as text. */
  told?: string;
}

/**
 * Knows which policy owns which service: of those that name one service, the one with the oldest claim, or with equal ages the
 * first by name. Claims are kept in the statuses, so a restart comes to the same result.
 */
export class Claims {
  readonly #entries = new Map<string, Entry>();
  readonly #stored: (name: string) => Promise<Claim | undefined>;

  /** `stored` returns the claim in a policy's status. It is asked only where two policies name one service. */
  constructor(stored: (name: string) => Promise<Claim | undefined>) {
    this.#stored = stored;
  }

  /** Notes a change of a policy. `modified` is when its newest version was stored. */
  note(change: PolicyEvent, modified: Instant): void {
    if (change.kind === 'deleted') this.#entries.delete(change.name);
    if (change.kind !== 'applied') return;
    const service = serviceKey(change.policy.spec.service);
    if (this.#entries.get(change.name)?.claim.service === service) return;
    // Only at the first sight of a policy may its status hold an older claim.
    const isRead = this.#entries.has(change.name);
    this.#entries.set(change.name, { claim: { service, since: modified }, isRead });
  }

  /** Returns an event for each policy whose claim or owner is news. */
  async settle(): Promise<Claimed[]> {
    const byService = new Map<string, Rival[]>();
    for (const rival of this.#entries) {
      const { service } = rival[1].claim;
      byService.set(service, [...(byService.get(service) ?? []), rival]);
    }
    const events: Claimed[] = [];
    for (const rivals of byService.values()) {
      if (rivals.length > 1) await Promise.all(rivals.map(([name, entry]) => this.#read(name, entry)));
      const [owner] = rivals.reduce((a, b) => (isOlder(b, a) ? b : a));
      for (const [name, entry] of rivals) {
        const event: Claimed = { kind: 'claimed', name, claim: entry.claim, ...(name === owner ? {} : { owner }) };
        const told = JSON.stringify(event);
        if (told !== entry.told) events.push(event);
        entry.told = told;
      }
    }
    return events;
  }

  /** A status that cannot be read now is read at the next look; until then the version's own date counts. */
  async #read(name: string, entry: Entry): Promise<void> {
    if (entry.isRead) return;
    try {
      const stored = await this.#stored(name);
      entry.isRead = true;
      if (stored?.service === entry.claim.service)
        entry.claim = { ...entry.claim, since: Math.min(stored.since, entry.claim.since) };
    } catch {
      entry.isRead = false;
    }
  }
}

type Rival = readonly [name: string, entry: Entry];

const isOlder = ([a, { claim: x }]: Rival, [b, { claim: y }]: Rival): boolean =>
  x.since === y.since ? a < b : x.since < y.since;
