/** The status parameter: the other half of the document. Pure; reconciler/report/status.ts writes it. */
import { type StoredChaos, type StoredRun, storedChaos, storedRuns } from './chaos/stored.ts';
import { type Condition, type ConditionInput, conditionsOf } from './conditions.ts';
import type { WorkerPolicy } from './document/schema.ts';
import { sizeOf } from './grammar/size.ts';
import type { Claim } from './model/claim.ts';
import type { BudgetState, Decision } from './model/decision.ts';
import type { QueueCounts, QueueReading } from './model/observation.ts';
import type { ScaleRecord, Spend } from './model/record.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';

/** A change of the desired count; `at` is ISO 8601. */
export interface StoredScale {
  at: string;
  from: number;
  to: number;
  /** True for a change that was only told, in observe mode. */
  would?: true;
}

/** Counts of a queue; the age is absent while CloudWatch has none. */
export interface StoredQueue {
  visible: number;
  inFlight: number;
  delayed: number;
  oldestAgeSeconds?: number;
}

/** A budget as the status stores it: the last three numbers are those that a restart goes on from. */
export interface StoredBudget {
  currency: string;
  perDay: number;
  foreseen: number;
  state: BudgetState['state'];
  dayEnds: string;
  spent: number;
  at: string;
  workers: number;
}

export interface StatusDocument {
  /** The policy version in force; 0 while there is none. */
  observedGeneration: number;
  /** The mode of the version in force, once it has ticked. */
  mode?: Decision['mode'];
  /** The stored version that was refused; absent while the newest one is in force. */
  refusedVersion?: number;
  conditions: Condition[];
  workers?: { desired: number; running: number; pending: number };
  /** With several queues the sum, and the oldest age of all. */
  queue?: StoredQueue;
  /** Each queue that could be read; present only when the policy names several. */
  queues?: ({ name: string } & StoredQueue)[];
  /** Money spent today, for readers and for a restart; `at` and `dayEnds` are ISO 8601. */
  budget?: StoredBudget;
  lastScaleUp?: StoredScale;
  lastScaleDown?: StoredScale;
  /** Running ones first, then the last few that ended, with verdicts. */
  experiments: StoredRun[];
  /** The rest that a restart needs of experiments. */
  chaos?: StoredChaos;
  /** The learned state that a restart resumes with. */
  learned?: Snapshot;
  /** Queue and service of running experiments, so that they can be reverted after the policy itself is deleted. */
  target?: { queue: WorkerPolicy['spec']['queue']; service: WorkerPolicy['spec']['service'] };
  /** The service that the policy names, and since when; of several policies the oldest claim owns it. */
  claim?: { service: string; since: string };
  /** ISO 8601. */
  updatedAt: string;
}

export interface StatusInput extends ConditionInput {
  target?: StatusDocument['target'];
  claim?: Claim;
  previous?: StatusDocument | undefined;
}

/** Returns the status that follows from a tick. It fits a standard parameter. */
export function statusOf(input: StatusInput): StatusDocument {
  return fitting(whole(input));
}

/** Bytes of a sentence that leaves room for the experiments that ended. */
const BRIEF_BYTES = 90;
/** Bytes of a sentence where room is short, as JSON writes it. */
const FEW_BYTES = 60;

const fits = (d: StatusDocument): boolean => sizeOf(JSON.stringify(d)).tier === 'Standard';

/**
 * Makes a status fit: charts go first, then long sentences, then the oldest ended runs, then words, and last what was learned (a restart without it
 * is careful). What reverts an experiment, the cooldowns and the version always stay.
 */
function fitting(document: StatusDocument): StatusDocument {
  let next = document;
  for (const reduce of [
    withoutCharts,
    withoutQueues,
    withWords(BRIEF_BYTES),
    withoutOldRuns,
    withWords(FEW_BYTES),
    withoutLearned,
  ]) {
    if (fits(next)) break;
    next = reduce(next);
  }
  return next;
}

const withoutCharts = (document: StatusDocument): StatusDocument => ({
  ...document,
  experiments: document.experiments.map(({ samples: _, ...run }): StoredRun => run),
});

function withoutOldRuns(document: StatusDocument): StatusDocument {
  let { experiments } = document;
  while (!fits({ ...document, experiments }) && experiments.at(-1)?.phase === 'ended')
    experiments = experiments.slice(0, -1);
  return { ...document, experiments };
}

/** True for a condition that tells nothing new: its reason says enough where room is short. */
const isUsual = ({ type, status }: Condition): boolean =>
  status === (['Ready', 'PolicyValid', 'Observed', 'WorkersStart'].includes(type) ? 'True' : 'False');

const withWords =
  (most: number) =>
  (document: StatusDocument): StatusDocument => {
    const { chaos, experiments, conditions } = document;
    const inFewBytes = (text: string): string => inBytes(text, most);
    return {
      ...document,
      conditions: conditions.map((c) => ({ ...c, message: isUsual(c) ? '' : inFewBytes(c.message) })),
      experiments: experiments.map(({ because, summary, ...run }) => ({
        ...run,
        ...(summary === undefined ? {} : { summary: inFewBytes(summary) }),
        ...(because === undefined ? {} : { because: inFewBytes(because) }),
      })),
      ...(chaos?.answers
        ? { chaos: { ...chaos, answers: chaos.answers.map((a) => ({ ...a, because: inFewBytes(a.because) })) } }
        : {}),
    };
  };

const withoutLearned = ({ learned: _, ...document }: StatusDocument): StatusDocument => document;

const withoutQueues = ({ queues: _, ...document }: StatusDocument): StatusDocument => document;

/** Returns as much of the start of a text as a few bytes of JSON hold. */
function inBytes(text: string, most: number): string {
  let [short, bytes] = ['', 0];
  for (const letter of text) {
    bytes += sizeOf(JSON.stringify(letter)).bytes - 2;
    if (bytes > most) return `${short}...`;
    short += letter;
  }
  return text;
}

function whole(input: StatusInput): StatusDocument {
  const { claim, decision, memory, now, previous } = input;
  const seen = decision?.observation;
  const service = seen?.service.ok ? seen.service.value : undefined;
  const queue = seen?.queue.ok ? seen.queue.value : undefined;
  const age = seen?.age?.ok ? seen.age.value?.seconds : undefined;
  const learned = snapshotOf(memory, now);
  return {
    observedGeneration: input.generation,
    ...(decision ? { mode: decision.mode } : {}),
    ...(input.refused ? { refusedVersion: input.refused.version } : {}),
    conditions: conditionsOf(input, previous?.conditions),
    ...(service ? { workers: { desired: service.desired, running: service.running, pending: service.pending } } : {}),
    ...(queue ? { queue: storedQueue(queue, age) } : {}),
    ...(seen?.queues ? { queues: storedQueues(seen.queues) } : {}),
    ...budgetOf(decision?.budget, memory.spend, previous?.budget),
    ...(memory.lastScaleUp ? { lastScaleUp: stored(memory.lastScaleUp) } : {}),
    ...(memory.lastScaleDown ? { lastScaleDown: stored(memory.lastScaleDown) } : {}),
    ...experiments(input),
    ...(learned ? { learned } : {}),
    ...(claim ? { claim: { service: claim.service, since: new Date(claim.since).toISOString() } } : {}),
    updatedAt: new Date(now).toISOString(),
  };
}

const storedQueue = (counts: QueueCounts, age: number | undefined): StoredQueue => ({
  ...counts,
  ...(age === undefined ? {} : { oldestAgeSeconds: Math.round(age) }),
});

const storedQueues = (queues: readonly QueueReading[]): NonNullable<StatusDocument['queues']> =>
  queues.flatMap(({ name, counts, age }) =>
    counts.ok ? [{ name, ...storedQueue(counts.value, age?.ok ? age.value?.seconds : undefined) }] : [],
  );

/** Before the first tick the budget of the status before goes on. */
function budgetOf(
  state: BudgetState | undefined,
  spend: Spend | undefined,
  before: StoredBudget | undefined,
): Pick<StatusDocument, 'budget'> {
  if (!spend) return {};
  if (!state) return before ? { budget: before } : {};
  const { currency, perDay, foreseen, dayEnds, spent, state: word } = state;
  const shown = { currency, perDay, foreseen, state: word, dayEnds: new Date(dayEnds).toISOString() };
  return { budget: { ...shown, spent, at: new Date(spend.at).toISOString(), workers: spend.workers } };
}

function experiments({
  memory: { chaos },
  target,
}: StatusInput): Pick<StatusDocument, 'experiments' | 'chaos' | 'target'> {
  if (!chaos) return { experiments: [] };
  const running = chaos.runs.length > 0;
  return { experiments: storedRuns(chaos), chaos: storedChaos(chaos), ...(running && target ? { target } : {}) };
}

const stored = ({ at, ...change }: ScaleRecord): StoredScale => ({ at: new Date(at).toISOString(), ...change });
