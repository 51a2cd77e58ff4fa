/** Stored experiments, read back: first by grammar, part by part, then as the memory that a restart resumes with. */
import { z } from 'zod';
import { wholeCount } from '../grammar/fields.ts';
import { entriesOf, fitting, isRecord, itemsOf, partsOf, type Warn } from '../grammar/parts.ts';
import type { ChaosMemory } from '../model/chaos.ts';
import type { Run } from '../model/run.ts';
import { emptyChaos } from './run.ts';
import { type StoredChaos, type StoredRun, TIMES, timelineKey } from './stored.ts';

const seconds = z.number().min(0);
const text = z.string();
const arn = z.string().min(1);

/** A run cannot be used without these. */
const identity = z.object({
  id: z.string().regex(/^[A-Za-z0-9]{1,64}$/, 'must be letters and digits'),
  experiment: z.string().min(1).max(128),
  fault: z.string().min(1).max(128),
  phase: z.enum(['injecting', 'active', 'reverting', 'recovering', 'ended']),
  startedAt: z.iso.datetime(),
});

const network = z.object({
  subnets: z.array(arn),
  securityGroups: z.array(arn),
  assignPublicIp: z.enum(['ENABLED', 'DISABLED']).exactOptional(),
});

/** The writes that a revert may need, as another version of Sluice may have stored them. */
const inverse = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('UpdateService'), desiredCount: wholeCount, from: wholeCount }),
  z.object({ kind: z.literal('AllowQueue'), sid: z.string().min(1), force: z.boolean() }),
  z.object({ kind: z.literal('SwapSecurityGroups'), network, from: z.array(arn) }),
  z.object({
    kind: z.literal('SetFlag'),
    parameter: z.string().min(1),
    value: z.string().min(1),
    onlyIf: z.string().exactOptional(),
  }),
]);

const details = {
  trigger: z.enum(['schedule', 'request']),
  summary: text,
  spec: z.number(),
  injection: z.record(z.string(), z.unknown()),
  holdsCount: wholeCount,
  before: z.object({
    visible: wholeCount,
    desired: wholeCount,
    age: seconds.exactOptional(),
    deadLetters: wholeCount.exactOptional(),
    deployment: text.exactOptional(),
  }),
  ownDeployment: text,
  peak: z.object({ visible: wholeCount, age: seconds.exactOptional() }),
  left: z.object({ workers: wholeCount, protected: wholeCount.exactOptional(), after: z.number().min(0) }),
  stopped: wholeCount,
  deadLetters: wholeCount,
  verdict: z.enum(['passed', 'failed', 'inconclusive', 'aborted', 'interrupted']),
  because: text,
  reason: z.enum(['undone', 'noMessages', 'unobserved']),
  stood: z.literal(true),
  missing: wholeCount,
  idle: z.literal(true),
  hypothesis: z.object({
    recoversWithin: seconds,
    maxOldestAge: seconds.exactOptional(),
    maxVisible: wholeCount.exactOptional(),
  }),
  unseen: seconds,
  failures: wholeCount,
  handedOver: z.literal(true),
  samples: z.array(z.tuple([seconds, wholeCount, wholeCount, wholeCount])),
};

/** Returns the runs of a stored status whose identity is whole, each with those of its parts that are. */
export function parseStoredRuns(value: unknown, warn: Warn): StoredRun[] {
  return itemsOf(value, 'experiments', warn, (item, where): StoredRun | undefined => {
    const known = fitting(identity, item, where, warn);
    if (!known || !isRecord(item)) return undefined;
    const writes = itemsOf(item.inverse, `${where}.inverse`, warn, (write, at) => fitting(inverse, write, at, warn));
    return {
      ...known,
      ...partsOf(details, item, where, warn),
      ...(item.inverse === undefined ? {} : { inverse: writes }),
      timeline: entriesOf(z.number(), item.timeline, `${where}.timeline`, warn),
    };
  });
}

const stamp = z.iso.datetime();
const change = z.object({ at: z.number(), from: wholeCount, to: wholeCount, would: z.literal(true).exactOptional() });

const answer = z.object({
  id: z.string().min(1).max(64),
  accepted: z.boolean(),
  because: text,
  precondition: text.exactOptional(),
  run: text.exactOptional(),
  until: z.number(),
});

/** Returns the parts of the stored memory of experiments that are whole. */
export function parseStoredChaos(value: unknown, warn: Warn): StoredChaos {
  const held = z.object({
    count: wholeCount,
    lastScaleUp: change.exactOptional(),
    lastScaleDown: change.exactOptional(),
  });
  const { due, answers } = isRecord(value) ? value : {};
  return {
    ...partsOf({ lookedAt: stamp, lastEndedAt: stamp, held }, value, 'chaos', warn),
    ...(due === undefined ? {} : { due: entriesOf(stamp, due, 'chaos.due', warn) }),
    ...(answers === undefined
      ? {}
      : {
          answers: itemsOf(answers, 'chaos.answers', warn, (item, where) => fitting(answer, item, where, warn)),
        }),
  };
}

/** Returns the memory that a restarted process resumes with; undefined when nothing was stored. */
export function chaosFrom(
  runs: readonly StoredRun[] | undefined,
  chaos: StoredChaos | undefined,
): ChaosMemory | undefined {
  const all = (runs ?? []).map(runFrom);
  if (!chaos && all.length === 0) return undefined;
  const { lookedAt, lastEndedAt, due = {}, held, answers = [] } = chaos ?? {};
  return {
    ...emptyChaos(),
    runs: all.filter((r) => r.phase !== 'ended'),
    recent: all.filter((r) => r.phase === 'ended'),
    answers,
    due: Object.fromEntries(Object.entries(due).map(([name, at]) => [name, Date.parse(at)])),
    ...(lookedAt === undefined ? {} : { lookedAt: Date.parse(lookedAt) }),
    ...(lastEndedAt === undefined ? {} : { lastEndedAt: Date.parse(lastEndedAt) }),
    ...(held ? { held } : {}),
    resumed: true,
  };
}

/** A part that is missing gets the value that ends the run soonest: a run is reverted rather than continued in the dark. */
function runFrom({ timeline, startedAt: iso, inverse, handedOver, ...stored }: StoredRun): Run {
  const startedAt = Date.parse(iso);
  const isWhole = stored.before !== undefined && stored.peak !== undefined && stored.hypothesis !== undefined;
  const run: Run = {
    trigger: 'request',
    summary: '',
    spec: 0,
    injection: {},
    before: { visible: 0, desired: 0 },
    peak: { visible: 0 },
    hypothesis: { recoversWithin: 0 },
    deadline: startedAt,
    ...stored,
    startedAt,
    ...(handedOver && isWhole ? { handedOver } : {}),
    ...(inverse ? { inverse: inverse.map((write) => ({ ...write, run: stored.id, purpose: 'revert' as const })) } : {}),
  };
  for (const time of TIMES) {
    const at = timeline[timelineKey(time)];
    if (at !== undefined) run[time] = startedAt + Math.round(at * 1_000);
  }
  return run;
}
