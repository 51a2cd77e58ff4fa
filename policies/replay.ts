/** Decisions computed again from their own records: the same code, the same inputs, so the same result, or a difference. */

import { abortStart } from './chaos/engine/abort-start.ts';
import { decide } from './decide.ts';
import { parsePolicy } from './document/parse.ts';
import type { WorkerPolicy } from './document/schema.ts';
import type { ActionResult } from './model/action.ts';
import type { Decision } from './model/decision.ts';
import type { Memory } from './model/memory.ts';

/** What a log says of one decision; results only for those that wrote. */
export interface Recorded {
  decision: Decision;
  memory: Memory;
  results?: ActionResult[];
}

export type Replayed =
  | { kind: 'same'; decision: Decision }
  | { kind: 'different'; decision: Decision; recomputed: Decision; at: string; was: unknown; is: unknown }
  | { kind: 'unknown'; decision: Decision; because: string };

/** The policy documents that a log has told of, by name and version. */
export class KnownPolicies {
  readonly #policies = new Map<string, WorkerPolicy>();

  learn(name: string, version: number, text: string): void {
    const parsed = parsePolicy(text, { name, generation: version });
    if (parsed.ok) this.#policies.set(`${name}@${version}`, parsed.policy);
  }

  find(name: string, version: number): WorkerPolicy | undefined {
    return this.#policies.get(`${name}@${version}`);
  }
}

/** One decision again, with the policy that made it. */
export function replay(recorded: Recorded, policy: WorkerPolicy | undefined): Replayed {
  const { decision } = recorded;
  if (!policy)
    return { kind: 'unknown', decision, because: `the log does not hold version ${decision.generation} of the policy` };
  const recomputed = decideAgain(recorded, policy);
  const difference = firstDifference(plain(decision), plain(recomputed), '');
  return difference ? { kind: 'different', decision, recomputed, ...difference } : { kind: 'same', decision };
}

/** What another policy would have decided at that moment, given what was seen and remembered then. */
export const decideAgain = ({ decision, memory }: Recorded, policy: WorkerPolicy): Decision => {
  const again = decide(policy, decision.observation, memory, decision.at);
  const why = decision.chaos?.startAborted;
  return (why === undefined ? again : abortStart(again, why)).decision;
};

/** As it stands in a log: without what JSON cannot say. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** The first place, in the order of the record, at which two values are not the same. */
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
