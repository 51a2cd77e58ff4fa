/** A stored status, read back: damaged parts are dropped with a warning each, the rest is used. */
import { z } from 'zod';
import { chaosFrom, parseStoredChaos, parseStoredRuns } from './chaos/restore.ts';
import { CONDITION_TYPES } from './conditions.ts';
import { wholeCount } from './grammar/fields.ts';
import { isRecord, itemsOf, partsOf, type Warn } from './grammar/parts.ts';
import { emptyMemory } from './memory.ts';
import type { Memory } from './model/memory.ts';
import type { ScaleRecord } from './model/record.ts';
import type { StatusDocument, StoredScale } from './status.ts';

const time = z.iso.datetime();
const scale = z.object({ at: time, from: wholeCount, to: wholeCount });

const condition = z.object({
  type: z.enum(CONDITION_TYPES),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
});

const parts = {
  observedGeneration: wholeCount,
  workers: z.object({ desired: wholeCount, running: wholeCount, pending: wholeCount }),
  queue: z.object({
    visible: wholeCount,
    inFlight: wholeCount,
    delayed: wholeCount,
    oldestAgeSeconds: z.number().min(0).exactOptional(),
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
  updatedAt: time,
};

const ignore: Warn = () => {};

/**
 * Returns a stored status without its damaged parts; `warn` receives a sentence about each. Undefined when the text is
 * missing or is no status at all. Never throws.
 */
export function parseStatus(text: string | undefined, warn: Warn = ignore): StatusDocument | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    warn('the stored status is not valid JSON; nothing of it is used');
    return undefined;
  }
  if (!isRecord(value)) {
    warn('the stored status is no object; nothing of it is used');
    return undefined;
  }
  const {
    observedGeneration = 0,
    updatedAt = new Date(0).toISOString(),
    ...rest
  } = partsOf(parts, value, 'status', warn);
  return {
    observedGeneration,
    ...rest,
    conditions: itemsOf(value.conditions, 'conditions', warn, (item, where) => {
      const parsed = condition.safeParse(item);
      if (!parsed.success) warn(`${where}: is damaged; it is left out`);
      return parsed.data;
    }),
    experiments: parseStoredRuns(value.experiments, warn),
    ...(value.chaos === undefined ? {} : { chaos: parseStoredChaos(value.chaos, warn) }),
    updatedAt,
  };
}

/** Returns the memory that a restarted reconciler resumes with. */
export function memoryFrom(status: StatusDocument | undefined): Memory {
  const { lastScaleUp, lastScaleDown, experiments, chaos: stored } = status ?? {};
  const chaos = chaosFrom(experiments, stored);
  return {
    ...emptyMemory(),
    ...(lastScaleUp ? { lastScaleUp: recordOf(lastScaleUp) } : {}),
    ...(lastScaleDown ? { lastScaleDown: recordOf(lastScaleDown) } : {}),
    ...(chaos ? { chaos } : {}),
  };
}

const recordOf = ({ at, from, to }: StoredScale): ScaleRecord => ({ at: Date.parse(at), from, to });
