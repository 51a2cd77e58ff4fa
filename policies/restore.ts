/** A stored status, read back: damaged parts are dropped with a warning each, the rest is used. */
import { z } from 'zod';
import { chaosFrom, parseStoredChaos, parseStoredRuns } from './chaos/restore.ts';
import { CONDITION_TYPES } from './conditions.ts';
import { MAX_WORKERS, wholeCount } from './grammar/fields.ts';
import { fitting, isRecord, itemsOf, partsOf, type Warn } from './grammar/parts.ts';
import { emptyMemory } from './memory.ts';
import type { Claim } from './model/claim.ts';
import type { Memory } from './model/memory.ts';
import type { ScaleRecord } from './model/record.ts';
import { parseSnapshot, restored } from './snapshot.ts';
import type { StatusDocument, StoredScale } from './status.ts';

const time = z.iso.datetime();
const scale = z.object({ at: time, from: wholeCount, to: wholeCount, would: z.literal(true).exactOptional() });

const condition = z.object({
  type: z.enum(CONDITION_TYPES),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
});

const queue = {
  visible: wholeCount,
  inFlight: wholeCount,
  delayed: wholeCount,
  oldestAgeSeconds: z.number().min(0).exactOptional(),
};

const parts = {
  observedGeneration: wholeCount,
  refusedVersion: wholeCount,
  mode: z.enum(['enforce', 'observe', 'paused']),
  workers: z.object({ desired: wholeCount, running: wholeCount, pending: wholeCount }),
  queue: z.object(queue),
  queues: z.array(z.object({ name: z.string().min(1), ...queue })).max(20),
  budget: z.object({
    currency: z.string(),
    perDay: z.number(),
    foreseen: z.number(),
    state: z.enum(['within', 'near', 'limited']),
    dayEnds: time,
    spent: z.number().min(0).max(1e15),
    at: time,
    workers: wholeCount.max(MAX_WORKERS * 2),
  }),
  lastScaleUp: scale,
  lastScaleDown: scale,
  target: z.object({
    queue: z.object({
      name: z.string().min(1).exactOptional(),
      url: z.string().min(1).exactOptional(),
      arn: z.string().min(1).exactOptional(),
    }),
    service: z.object({ cluster: z.string().min(1), name: z.string().min(1) }),
  }),
  claim: z.object({ service: z.string().min(1), since: time }),
  updatedAt: time,
};

const ignore: Warn = () => {};

/**
 * Returns a stored status without its damaged parts; `warn` receives a sentence about each. Undefined when there is no text.
 * Never throws: of a text that is no status at all, an empty status is left.
 */
export function parseStatus(text: string | undefined, warn: Warn = ignore): StatusDocument | undefined {
  if (text === undefined) return undefined;
  const value = objectOf(text);
  if (!value) warn('the stored status is no JSON object; nothing of it is used');
  return statusFrom(value ?? {}, warn);
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function statusFrom(value: Record<string, unknown>, warn: Warn): StatusDocument {
  const {
    observedGeneration = 0,
    updatedAt = new Date(0).toISOString(),
    ...rest
  } = partsOf(parts, value, 'status', warn);
  // A cooldown whose start is damaged began, at the latest, when the status was written.
  const { lastScaleDown: damaged } = value;
  const lastScaleDown = rest.lastScaleDown ?? (damaged === undefined ? undefined : { at: updatedAt, from: 0, to: 0 });
  const learned = parseSnapshot(value.learned, warn);
  return {
    observedGeneration,
    ...rest,
    ...(lastScaleDown ? { lastScaleDown } : {}),
    conditions: itemsOf(value.conditions, 'conditions', warn, (item, where) => fitting(condition, item, where, warn)),
    experiments: parseStoredRuns(value.experiments, warn),
    ...(value.chaos === undefined ? {} : { chaos: parseStoredChaos(value.chaos, warn) }),
    ...(learned ? { learned } : {}),
    updatedAt,
  };
}

/** Returns the memory that a restarted reconciler resumes with. */
export function memoryFrom(status: StatusDocument | undefined): Memory {
  if (!status) return emptyMemory();
  const { budget, lastScaleUp, lastScaleDown, experiments, chaos: stored, learned } = status;
  const chaos = chaosFrom(experiments, stored);
  return {
    ...emptyMemory(),
    ...restored(learned),
    ...(budget ? { spend: { spent: budget.spent, at: Date.parse(budget.at), workers: budget.workers } } : {}),
    ...(lastScaleUp ? { lastScaleUp: recordOf(lastScaleUp) } : {}),
    ...(lastScaleDown ? { lastScaleDown: recordOf(lastScaleDown) } : {}),
    ...(chaos ? { chaos } : {}),
  };
}

const recordOf = ({ at, ...change }: StoredScale): ScaleRecord => ({ at: Date.parse(at), ...change });

/** Returns the claim on a service that a status holds. */
export function claimFrom(status: StatusDocument | undefined): Claim | undefined {
  return status?.claim && { service: status.claim.service, since: Date.parse(status.claim.since) };
}
