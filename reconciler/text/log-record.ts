/** One line of the reconciliation log, read back. A log may hold anything: what does not parse is not a record. */
import { z } from 'zod';
import { describeAction } from '../../policies/grammar/describe-action.ts';
import type { Action } from '../../policies/model/action.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';

/** Milliseconds since the epoch that a Date can hold. */
const instant = z.number().min(-8.64e15).max(8.64e15);
const count = z.number();

/** A reading as commands print it: a value, or the message of a failure. */
const reading = (value: z.ZodType): z.ZodType =>
  z.union([
    z.looseObject({ ok: z.literal(true), value }),
    z.looseObject({ ok: z.literal(false), failure: z.looseObject({ message: z.string() }) }),
  ]);

const counts = z.looseObject({ visible: count, inFlight: count, delayed: count });

/** An action is whole when its words can be told: describeAction reads every field that an action needs. */
const action = z.custom<Action>((value) => {
  try {
    return typeof describeAction(value as Action) === 'string';
  } catch {
    return false;
  }
}, 'not an action');

const chaos = z.looseObject({
  actions: z.array(action).optional(),
  running: z.array(z.looseObject({ experiment: z.string(), id: z.string(), phase: z.string(), summary: z.string() })),
  ended: z.array(
    z.looseObject({
      experiment: z.string(),
      fault: z.string(),
      verdict: z.string().optional(),
      endedAt: instant.optional(),
      recoveredAt: instant.optional(),
    }),
  ),
});

/** A decision as far as commands print it; `replay` compares the rest. */
const printed = z.looseObject({
  at: instant,
  mode: z.string(),
  outcome: z.string(),
  current: count.optional(),
  desired: count.optional(),
  observation: z.looseObject({
    queue: reading(counts),
    queues: z.array(z.looseObject({ name: z.string(), counts: reading(counts) })).optional(),
    service: reading(z.looseObject({ desired: count, running: count, pending: count })),
    age: reading(z.looseObject({ seconds: count }).optional()).optional(),
    rates: reading(z.looseObject({ sent: count, received: count, deleted: count }).optional()).optional(),
    groups: reading(z.looseObject({ inFlight: count }).optional()).optional(),
    tasks: reading(z.looseObject({ running: count, starting: count, startUpSeconds: count.optional() })).optional(),
  }),
  proposals: z.array(z.looseObject({ strategy: z.string(), desired: count, because: z.string() })),
  guards: z.array(z.looseObject({ guard: z.string(), from: count, to: count, because: z.string() })),
  budget: z
    .looseObject({
      currency: z.string(),
      perDay: count,
      spent: count,
      foreseen: count,
      dayEnds: instant,
      most: count,
      state: z.string(),
    })
    .optional(),
  alerts: z.array(z.looseObject({ name: z.string(), firing: z.boolean(), message: z.string() })),
  chaos: chaos.optional(),
});

/** A decision as a record holds it: policy, version and summary are fields of the record. */
type LoggedDecision = Omit<Decision, 'policy' | 'generation' | 'summary'>;

const decision = z.custom<LoggedDecision>((value) => printed.safeParse(value).success, 'not a decision');

const text = z.string().optional();

const record = z.looseObject({
  level: z.string(),
  time: z.string(),
  msg: z.string(),
  policy: text,
  version: count.optional(),
  summary: text,
  problem: text,
  problems: z.array(z.string()).optional(),
  effect: text,
  todo: text,
  alert: text,
  experiment: text,
  verdict: text,
  precondition: text,
  /** A policy's document, where one came into force. */
  text,
  actions: z.array(z.string()).optional(),
  results: z.array(z.looseObject({ action, outcome: z.enum(['applied', 'skipped', 'failed']) })).optional(),
  decision: decision.optional(),
  memory: z.custom<Memory>((value) => typeof value === 'object' && value !== null).optional(),
});

export type LogRecord = z.output<typeof record>;

/** Returns a line as a record; undefined when it is not a whole record of the reconciliation log. */
export function parseRecord(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return record.safeParse(unfolded(JSON.parse(line))).data;
  } catch {
    return undefined;
  }
}

/** Returns the line with the members of its `record`, which holds them as one text, beside the others. */
function unfolded(line: unknown): unknown {
  const { record: folded, ...rest } = line as { record?: unknown };
  return typeof folded === 'string' ? { ...rest, ...(JSON.parse(folded) as object) } : line;
}

/** Returns the decision of a `decision` record, whole again; undefined when the record holds none. */
export function decisionOf({ decision, policy, version, summary }: LogRecord): Decision | undefined {
  return decision && policy !== undefined
    ? { ...decision, policy, generation: version ?? 0, summary: summary ?? '' }
    : undefined;
}
