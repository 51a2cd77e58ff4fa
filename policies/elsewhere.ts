/**
 * Changes of the desired count by others: a deployment tool that resets it, a person, another scaler. Whatever was neither
 * seen before nor set by Sluice is somebody else's.
 */
import type { WorkerPolicy } from './document/schema.ts';
import type { ActionResult } from './model/action.ts';
import type { ChangedElsewhere, KnownCount } from './model/elsewhere.ts';
import type { Memory } from './model/memory.ts';
import type { Instant, Observation } from './model/observation.ts';

/** ECS may show the count before a change for this many milliseconds. */
const SHOWN_AFTER_MS = 5_000;
/** A write whose reply was lost may be performed up to this many milliseconds later. */
const POSSIBLE_MS = 60_000;
/** Changes by others are counted over this many milliseconds. */
export const CONTEST_MS = 600_000;
/** This many changes by others within that time are a contest. */
export const CONTEST_CHANGES = 3;

/**
 * Returns the memory after one look at the desired count, and the change by somebody else that the look shows. A policy that
 * does not write (`observe`, `paused`) expects others to change the count: it notes the count and reports nothing.
 */
export function noticeCount(
  { spec: { mode, service: named } }: WorkerPolicy,
  { service, takenBy }: Observation,
  memory: Memory,
  now: Instant,
): { memory: Memory; changed?: ChangedElsewhere } {
  if (!service.ok) return { memory };
  const { desired } = service.value;
  const { known } = memory;
  const of = `${named.cluster}/${named.name}`;
  if (known?.service !== of) return { memory: { ...memory, known: { service: of, count: desired } } };
  if (desired === known.count) return { memory };
  if (isOld(known, desired, now)) return { memory };
  const own = known.possible?.some(([count, until]) => count === desired && now < until) ?? false;
  if (own || mode !== 'enforce' || takenBy !== undefined)
    return { memory: { ...memory, known: counted(known, desired, now) } };
  const changed = { from: known.count, to: desired, at: now };
  const recent = [...recentChanges(known, now), now];
  const next = { service: of, count: desired, unanswered: changed, last: changed, recent };
  return { changed, memory: unlearned({ ...memory, known: next }) };
}

/** Returns the memory after the writes of a tick: a count that was set, or that may have been set, is Sluice's own. */
export function ownCounts(memory: Memory, results: readonly ActionResult[], now: Instant): Memory {
  let { known } = memory;
  for (const { action, outcome } of results) {
    if (action.kind !== 'UpdateService' || outcome === 'skipped' || !known) continue;
    const { desiredCount } = action;
    if (outcome === 'applied') known = counted(known, desiredCount, now);
    else {
      const others = (known.possible ?? []).filter(([count, until]) => count !== desiredCount && now < until);
      known = { ...known, possible: [...others, [desiredCount, now + POSSIBLE_MS]] };
    }
  }
  return known === memory.known || !known ? memory : { ...memory, known };
}

/** Returns the times of the changes by others in the last ten minutes. */
export const recentChanges = (known: KnownCount | undefined, now: Instant): Instant[] =>
  (known?.recent ?? []).filter((at) => now - at < CONTEST_MS);

/** Returns one phrase for people. */
export const changedWords = ({ from, to }: ChangedElsewhere): string =>
  `somebody else changed the desired count from ${from} to ${to}`;

const isOld = ({ former }: KnownCount, desired: number, now: Instant): boolean =>
  former !== undefined && former[0] === desired && now < former[1];

/** Sluice's own count takes effect, and answers whatever others did before it. */
function counted(known: KnownCount, count: number, now: Instant): KnownCount {
  const { unanswered: _, former: __, ...rest } = known;
  return count === known.count ? rest : { ...rest, count, former: [known.count, now + SHOWN_AFTER_MS] };
}

/** The workers that others start or stop teach nothing of the time that a worker takes to start. */
function unlearned(memory: Memory): Memory {
  const { estimate, known } = memory;
  if (!estimate || !known) return memory;
  return { ...memory, estimate: { ...estimate, starting: [], last: { ...estimate.last, desired: known.count } } };
}
