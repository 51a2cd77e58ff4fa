/** Decisions computed again from their own records: equal inputs must give an equal result. */

import { abortStart } from './chaos/engine/abort-start.ts';
import { decide } from './decide.ts';
import { decided } from './decided.ts';
import { parsePolicy } from './document/parse.ts';
import type { WorkerPolicy } from './document/schema.ts';
import type { ActionResult } from './model/action.ts';
import type { Decision } from './model/decision.ts';
import type { Memory } from './model/memory.ts';

/** One decision as a log holds it. `results` are there when it wrote something. */
export interface Recorded {
  decision: Decision;
  memory: Memory;
  results?: ActionResult[];
}

export type Replayed =
  | { kind: 'same'; decision: Decision }
  /** The decision is the same; its sentences, or facts that it only tells, differ at `at`. */
  | { kind: 'reworded'; decision: Decision; recomputed: Decision; at: string; was: unknown; is: unknown }
  | { kind: 'different'; decision: Decision; recomputed: Decision; at: string; was: unknown; is: unknown }
  | { kind: 'unknown'; decision: Decision; because: string };

/**
 * The policy documents that a log contains, by name and version. SSM counts from 1 again after a policy was deleted, so a
 * later text replaces an earlier one: look a decision's document up before you learn from the records after it.
 */
export class KnownPolicies {
  readonly #policies = new Map<string, WorkerPolicy>();

  learn(name: string, version: number, text: string): void {
    const parsed = parsePolicy(text, { name, generation: version });
    if (parsed.ok) this.#policies.set(`${name}@${version}`, parsed.policy);
    else this.#policies.delete(`${name}@${version}`);
  }

  find(name: string, version: number): WorkerPolicy | undefined {
    return this.#policies.get(`${name}@${version}`);
  }
}

/** Decides again with the policy that made a decision, and returns the first difference, if any. */
export function replay(recorded: Recorded, policy: WorkerPolicy | undefined): Replayed {
  const { decision } = recorded;
  if (!policy)
    return {
      kind: 'unknown',
      decision,
      because: `the log does not contain version ${decision.generation} of the policy`,
    };
  const recomputed = decideAgain(recorded, policy);
  const difference = firstDifference(plain(decision), plain(recomputed), '');
  if (!difference) return { kind: 'same', decision };
  const essential = firstDifference(plain(decided(decision)), plain(decided(recomputed)), '');
  return essential
    ? { kind: 'different', decision, recomputed, ...essential }
    : { kind: 'reworded', decision, recomputed, ...difference };
}

/** Returns the decision of any policy for a recorded moment, with the observation and the memory of then. */
export const decideAgain = ({ decision, memory }: Recorded, policy: WorkerPolicy): Decision => {
  const again = decide(policy, decision.observation, memory, decision.at);
  const why = decision.chaos?.startAborted;
  return (why === undefined ? again : abortStart(again, why)).decision;
};

/** Returns a value as it stands in a log: without the parts that JSON cannot hold. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Returns the first place, in the order of the record, at which two values differ. */
export function firstDifference(
  was: unknown,
  is: unknown,
  at: string,
): { at: string; was: unknown; is: unknown } | undefined {
  if (Object.is(was, is)) return undefined;
  if (typeof was !== 'object' || typeof is !== 'object' || was === null || is === null) return { at, was, is };
  const keys = new Set([...Object.keys(was), ...Object.keys(is)]);
  for (const key of keys) {
    const path = Array.isArray(was) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`;
    const found = firstDifference((was as Record<string, unknown>)[key], (is as Record<string, unknown>)[key], path);
    if (found) return found;
  }
  return undefined;
}
