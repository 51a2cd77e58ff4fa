/** The status parameter: the other half of the document. Pure; reconciler/report/status.ts writes it. */
import type { ChaosMemory, Run } from './chaos/run.ts';
import { chaosFrom, type StoredChaos, type StoredRun, storedChaos, storedRuns } from './chaos/stored.ts';
import type { WorkerPolicy } from './document/schema.ts';
import { sizeOf } from './grammar/size.ts';
import type { Decision } from './model/decision.ts';
import { emptyMemory, type Memory, type ScaleRecord } from './model/memory.ts';
import type { Instant } from './model/observation.ts';

export const CONDITION_TYPES = [
  'Ready',
  'PolicyValid',
  'Observed',
  'ScalingLimited',
  'ChaosActive',
  'Alerting',
] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

export interface Condition {
  type: ConditionType;
  status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase, for programs. */
  reason: string;
  /** One sentence, for people. */
  message: string;
  /** ISO 8601; when `status` last changed. */
  lastTransitionTime: string;
}

interface Scale {
  at: string;
  from: number;
  to: number;
}

export interface StatusDocument {
  /** The policy version in force; 0 while there is none. */
  observedGeneration: number;
  conditions: Condition[];
  workers?: { desired: number; running: number; pending: number };
  queue?: { visible: number; inFlight: number; delayed: number; oldestAgeSeconds?: number };
  lastScaleUp?: Scale;
  lastScaleDown?: Scale;
  /** Running ones first, then the last few, with verdicts. */
  experiments: StoredRun[];
  /** What a restart must know of experiments. */
  chaos?: StoredChaos;
  /** Whose experiments run, for the day on which the policy itself is gone. */
  target?: { queue: WorkerPolicy['spec']['queue']; service: WorkerPolicy['spec']['service'] };
  /** ISO 8601. */
  updatedAt: string;
}

/** An edit that was refused, and why; the version in force is another one. */
export interface RefusedVersion {
  version: number;
  /** The first problem, with its place. */
  problem: string;
}

export interface StatusInput {
  generation: number;
  refused?: RefusedVersion | undefined;
  decision?: Decision | undefined;
  /** Writes of the last tick that failed, in words. */
  failedActions?: string[];
  memory: Memory;
  target?: StatusDocument['target'];
  previous?: StatusDocument | undefined;
  now: Instant;
}

/** Standard SSM parameters hold 4 KB; six conditions of this many characters leave room for experiments. */
const MESSAGE_LENGTH = 160;

export function statusOf(input: StatusInput): StatusDocument {
  return fitting(whole(input));
}

function experiments({
  memory: { chaos },
  target,
}: StatusInput): Pick<StatusDocument, 'experiments' | 'chaos' | 'target'> {
  if (!chaos) return { experiments: [] };
  const running = chaos.runs.length > 0;
  return { experiments: storedRuns(chaos), chaos: storedChaos(chaos), ...(running && target ? { target } : {}) };
}

/** Charts go first, then the oldest ended runs: what a restart must know always stays. */
function fitting(document: StatusDocument): StatusDocument {
  const fits = (d: StatusDocument): boolean => sizeOf(JSON.stringify(d)).tier === 'Standard';
  if (fits(document)) return document;
  let { experiments } = document;
  experiments = experiments.map(({ samples: _, ...run }) => run as StoredRun);
  while (!fits({ ...document, experiments }) && experiments.at(-1)?.phase === 'ended')
    experiments = experiments.slice(0, -1);
  return { ...document, experiments };
}

function whole(input: StatusInput): StatusDocument {
  const { decision, memory, now } = input;
  const seen = decision?.observation;
  const service = seen?.service.ok ? seen.service.value : undefined;
  const queue = seen?.queue.ok ? seen.queue.value : undefined;
  const age = seen?.age?.ok ? seen.age.value?.seconds : undefined;
  return {
    observedGeneration: input.generation,
    conditions: conditions(input),
    ...(service ? { workers: { desired: service.desired, running: service.running, pending: service.pending } } : {}),
    ...(queue ? { queue: { ...queue, ...(age === undefined ? {} : { oldestAgeSeconds: Math.round(age) }) } } : {}),
    ...(memory.lastScaleUp ? { lastScaleUp: scale(memory.lastScaleUp) } : {}),
    ...(memory.lastScaleDown ? { lastScaleDown: scale(memory.lastScaleDown) } : {}),
    ...experiments(input),
    updatedAt: new Date(now).toISOString(),
  };
}

/** A stored status; undefined when the text is missing, damaged or foreign. */
export function parseStatus(text: string | undefined): StatusDocument | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    const document = value as StatusDocument | null;
    if (!document || typeof document !== 'object' || !Array.isArray(document.conditions)) return undefined;
    const experiments: unknown[] = Array.isArray(document.experiments) ? document.experiments : [];
    return {
      ...document,
      experiments: experiments
        .filter((e) => typeof e === 'object' && e !== null)
        .map((e) => ({ timeline: {}, ...e })) as StoredRun[],
    };
  } catch {
    return undefined;
  }
}

/** What a restarted reconciler resumes from. */
export function memoryFrom(status: StatusDocument | undefined): Memory {
  const up = scaleRecord(status?.lastScaleUp);
  const down = scaleRecord(status?.lastScaleDown);
  const chaos = chaosFrom(status?.experiments, status?.chaos);
  return {
    ...emptyMemory(),
    ...(up ? { lastScaleUp: up } : {}),
    ...(down ? { lastScaleDown: down } : {}),
    ...(chaos ? { chaos } : {}),
  };
}

const scale = ({ at, from, to }: ScaleRecord): Scale => ({ at: new Date(at).toISOString(), from, to });

function scaleRecord(value: Scale | undefined): ScaleRecord | undefined {
  const at = typeof value?.at === 'string' ? Date.parse(value.at) : Number.NaN;
  return Number.isFinite(at) && value && Number.isInteger(value.from) && Number.isInteger(value.to)
    ? { at, from: value.from, to: value.to }
    : undefined;
}

type Draft = [status: Condition['status'], reason: string, message: string];

function conditions(input: StatusInput): Condition[] {
  const observed = observedCondition(input.decision);
  const valid = validCondition(input);
  const ready = readyCondition(input, observed, valid);
  const drafts: Record<ConditionType, Draft> = {
    Ready: ready,
    PolicyValid: valid,
    Observed: observed,
    ScalingLimited: limitedCondition(input.decision),
    ChaosActive: chaosCondition(input.memory.chaos),
    Alerting: alertingCondition(input.decision),
  };
  return CONDITION_TYPES.map((type) => {
    const [status, reason, message] = drafts[type];
    const before = input.previous?.conditions?.find((c) => c.type === type);
    const lastTransitionTime =
      before?.status === status ? before.lastTransitionTime : new Date(input.now).toISOString();
    const short = message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH - 3)}...` : message;
    return { type, status, reason, message: short, lastTransitionTime };
  });
}

function validCondition({ generation, refused }: StatusInput): Draft {
  if (!refused) return ['True', 'Accepted', `version ${generation} is in force`];
  const stays = generation > 0 ? `version ${generation} stays in force` : 'no version is in force';
  return ['False', 'Refused', `version ${refused.version} refused: ${refused.problem}; ${stays}`];
}

function observedCondition(decision: Decision | undefined): Draft {
  if (!decision) return ['Unknown', 'NotYet', 'nothing was observed yet'];
  const { queue, service } = decision.observation;
  for (const [what, reading] of [
    ['queue', queue],
    ['service', service],
  ] as const)
    if (!reading.ok) {
      const { code, message, hint } = reading.failure;
      return ['False', code.replace(/\W/g, '') || 'Failed', `${what}: ${message}${hint ? ` (${hint})` : ''}`];
    }
  return ['True', 'Read', 'queue and service were read'];
}

function readyCondition({ generation, decision, failedActions }: StatusInput, observed: Draft, valid: Draft): Draft {
  if (generation === 0) return ['False', 'NoPolicyInForce', valid[2]];
  if (decision?.mode === 'paused') return ['True', 'Paused', 'paused by the policy: nothing is decided'];
  if (observed[0] !== 'True') return [observed[0], observed[1], observed[2]];
  if (failedActions && failedActions.length > 0) return ['False', 'ActionFailed', failedActions.join('; ')];
  return ['True', decision?.mode === 'observe' ? 'Observing' : 'Reconciling', decision?.summary ?? ''];
}

/** The last guard that changed the count is the one that limits; the Kubernetes HPA has a condition of this name too. */
function limitedCondition(decision: Decision | undefined): Draft {
  const step = decision?.guards.findLast((g) => g.from !== g.to);
  if (!step) return ['False', 'NotLimited', 'the proposed count is in force'];
  const reason = `${step.guard.charAt(0).toUpperCase()}${step.guard.slice(1)}`;
  return ['True', reason, `${step.from} -> ${step.to}: ${step.because}`];
}

function chaosCondition(chaos: ChaosMemory | undefined): Draft {
  const running = chaos?.runs ?? [];
  if (running.length === 0) return ['False', 'NoExperiment', 'no experiment is running'];
  const words = ({ experiment, id, phase, summary }: Run): string => `${experiment} (${id}) is ${phase}: ${summary}`;
  return ['True', 'Running', running.map(words).join('; ')];
}

function alertingCondition(decision: Decision | undefined): Draft {
  const firing = decision?.alerts.filter((a) => a.firing) ?? [];
  if (firing.length === 0) return ['False', 'NoAlert', 'no alert fires'];
  return ['True', 'Firing', firing.map((a) => `${a.name}: ${a.message}`).join('; ')];
}
