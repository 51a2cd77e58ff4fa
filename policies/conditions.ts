/** The conditions of a status: one sentence for people and one word for programs about each question that they ask. */
import { CONTEST_CHANGES, recentChanges } from './elsewhere.ts';
import { budgetWords } from './grammar/budget-words.ts';
import { limitOf } from './grammar/limited-by.ts';
import { count } from './grammar/words.ts';
import type { ChaosMemory } from './model/chaos.ts';
import type { BudgetState, Decision } from './model/decision.ts';
import type { Memory } from './model/memory.ts';
import type { Instant } from './model/observation.ts';
import type { Run } from './model/run.ts';
import { attainableWords } from './scaling/estimate/attainable.ts';
import { startTroubleOf } from './scaling/trouble.ts';

export const CONDITION_TYPES = [
  'Ready',
  'PolicyValid',
  'Observed',
  'ScalingLimited',
  'WorkersStart',
  'ChaosActive',
  'Alerting',
  'Contested',
  'WithinBudget',
  'ObjectiveMissed',
] as const;
/** Conditions that stand in a status only from the first time on that they hold. */
const RARE: ReadonlySet<string> = new Set<ConditionType>(['Contested', 'ObjectiveMissed']);
export type ConditionType = (typeof CONDITION_TYPES)[number];

export interface Condition {
  type: ConditionType;
  status: 'True' | 'False' | 'Unknown';
  /** One word in CamelCase, for programs. */
  reason: string;
  /** One sentence, for people. */
  message: string;
  /** ISO 8601; the time at which `status` last changed. */
  lastTransitionTime: string;
}

/** An edit that was refused, and the reason. Another version is in force. */
export interface RefusedVersion {
  version: number;
  /** The first problem, with its place. */
  problem: string;
}

/** The facts that conditions are made of. */
export interface ConditionInput {
  /** Version of the policy in force; 0 while there is none. */
  generation: number;
  refused?: RefusedVersion | undefined;
  decision?: Decision | undefined;
  /** Sentences about the writes of the last tick that failed. */
  failedActions?: string[];
  memory: Memory;
  now: Instant;
}

/** Longest message in characters. The cause stands in it whole; a status that is too large is shortened as a whole. */
const MESSAGE_LENGTH = 240;

type Draft = [status: Condition['status'], reason: string, message: string];

/** Returns all conditions; WithinBudget only for a policy with a budget. A condition whose status has not changed keeps the transition time that it had before. */
export function conditionsOf(input: ConditionInput, before: readonly Condition[] = []): Condition[] {
  const observed = observedCondition(input.decision);
  const valid = validCondition(input);
  const drafts: Record<ConditionType, Draft | undefined> = {
    Ready: readyCondition(input, observed, valid),
    PolicyValid: valid,
    Observed: observed,
    ScalingLimited: limitedCondition(input.decision),
    WorkersStart: startCondition(input.decision),
    ChaosActive: chaosCondition(input.memory.chaos, input.decision?.chaos?.failed),
    Alerting: alertingCondition(input.decision),
    Contested: contestedCondition(input),
    WithinBudget: budgetCondition(input.decision?.budget),
    ObjectiveMissed: missedCondition(input.decision),
  };
  return CONDITION_TYPES.flatMap((type) => {
    const draft = drafts[type];
    const last = before.find((c) => c.type === type);
    // A rare condition that never held takes no room in the status.
    if (!draft || (RARE.has(type) && draft[0] === 'False' && !last)) return [];
    const [status, reason, message] = draft;
    const lastTransitionTime = last?.status === status ? last.lastTransitionTime : new Date(input.now).toISOString();
    const short = message.length > MESSAGE_LENGTH ? `${message.slice(0, MESSAGE_LENGTH - 3)}...` : message;
    return [{ type, status, reason, message: short, lastTransitionTime }];
  });
}

function validCondition({ generation, refused }: ConditionInput): Draft {
  if (!refused) return ['True', 'Accepted', `version ${generation} is in force`];
  const stays = generation > 0 ? `version ${generation} stays in force` : 'no version is in force';
  return ['False', 'Refused', `version ${refused.version} refused: ${refused.problem}; ${stays}`];
}

function observedCondition(decision: Decision | undefined): Draft {
  if (!decision) return ['Unknown', 'NotYet', 'not evaluated yet'];
  const { queue, service } = decision.observation;
  for (const [name, reading] of [
    ['queue', queue],
    ['service', service],
  ] as const)
    if (!reading.ok) {
      const { code, message, hint } = reading.failure;
      return ['False', code.replace(/\W/g, '') || 'Failed', `${name}: ${message}${hint ? ` (${hint})` : ''}`];
    }
  return ['True', 'Read', 'queue and service were read'];
}

function readyCondition({ generation, decision, failedActions }: ConditionInput, observed: Draft, valid: Draft): Draft {
  if (generation === 0) return ['False', 'NoPolicyInForce', valid[2]];
  const owner = decision?.observation.takenBy;
  if (owner !== undefined)
    return [
      'False',
      'ServiceTaken',
      `policy ${owner} owns the service: it has named it for longer; this policy decides nothing; name another service, or delete ${owner}`,
    ];
  if (decision?.mode === 'paused') return ['False', 'Paused', 'the policy is paused: Sluice decides nothing'];
  if (observed[0] !== 'True') return [observed[0], observed[1], observed[2]];
  if (failedActions && failedActions.length > 0) return ['False', 'ActionFailed', failedActions.join('; ')];
  if (decision?.chaos?.holds && decision.desired === 0)
    return ['False', 'Drained', `an experiment keeps 0 workers: ${decision.summary}`];
  const most = decision?.guards.find((g) => g.guard === 'clamp' && g.to < g.from);
  if (most) return ['False', 'MaxWorkersReached', `${most.to} workers; ${most.from} are needed: ${most.because}`];
  return ['True', decision?.mode === 'observe' ? 'Observing' : 'Reconciling', decision?.summary ?? ''];
}

/** The Kubernetes HPA has a condition of this name too. */
function limitedCondition(decision: Decision | undefined): Draft {
  if (decision?.outcome === 'unobserved') return ['Unknown', 'NotObserved', 'no count is proposed: see Observed'];
  const limit = limitOf(decision);
  if (!limit) return ['False', 'NotLimited', 'the proposed count is in force'];
  const reason = `${limit.by.charAt(0).toUpperCase()}${limit.by.slice(1)}`;
  return [limit.by === 'paused' ? 'Unknown' : 'True', reason, limit.because];
}

function startCondition(decision: Decision | undefined): Draft {
  const { observation } = decision ?? {};
  if (!observation?.service.ok) return ['Unknown', 'NotObserved', 'the service was not read: see Observed'];
  const trouble = startTroubleOf(observation, observation.service.value);
  if (!trouble) return ['True', 'NoTrouble', 'no task fails to start'];
  return ['False', trouble.kind === 'crashLoop' ? 'CrashLoop' : 'NoCapacity', trouble.because];
}

function chaosCondition(chaos: ChaosMemory | undefined, failed: string | undefined): Draft {
  if (failed !== undefined) return ['Unknown', 'Failed', `experiments stopped by a defect of Sluice: ${failed}`];
  const running = chaos?.runs ?? [];
  if (running.length === 0) return ['False', 'NoExperiment', 'no experiment is running'];
  const words = ({ experiment, id, phase, summary }: Run): string => `${experiment} (${id}) is ${phase}: ${summary}`;
  return ['True', 'Running', running.map(words).join('; ')];
}

function alertingCondition(decision: Decision | undefined): Draft {
  const firing = decision?.alerts.filter((a) => a.firing) ?? [];
  if (firing.length === 0) return ['False', 'NoAlert', 'no alert is firing'];
  return ['True', 'Firing', firing.map((a) => `${a.name}: ${a.message}`).join('; ')];
}

/** The objective of a strategy cannot be met as things are. */
function missedCondition(decision: Decision | undefined): Draft {
  const missed = decision?.attainable;
  if (!missed) return ['False', 'Attainable', 'nothing known speaks against the objective'];
  return ['True', 'StartsTooSlow', attainableWords(missed)];
}

/** Somebody else keeps changing the count that Sluice sets. */
function contestedCondition({ memory: { known }, now }: ConditionInput): Draft {
  const { length } = recentChanges(known, now);
  if (length < CONTEST_CHANGES)
    return [
      'False',
      'NotContested',
      `${count(length, 'change')} of the desired count by others in the last 10 minutes`,
    ];
  return [
    'True',
    'ChangedElsewhere',
    `others changed the desired count ${length} times in 10 minutes; Sluice answers each time; take the count out of your deployment tool (Terraform: ignore_changes = [desired_count]), or pause the policy`,
  ];
}

const BUDGET_REASONS = { within: 'Within', near: 'NearLimit', limited: 'Limited' } as const;

function budgetCondition(budget: BudgetState | undefined): Draft | undefined {
  return budget && [budget.state === 'limited' ? 'False' : 'True', BUDGET_REASONS[budget.state], budgetWords(budget)];
}
