import { decide } from '../../policies/decide.ts';
import { emptyMemory } from '../../policies/memory.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { TickRecord } from '../../reconciler/loop/tick.ts';
import { type Look, look, policyOf, T0 } from './policy.ts';

/** One tick as the loop would record it, for tests of what reads such records. */
export function tickOf({ after, name = 'jobs', ...seen }: Look & { after?: Memory; name?: string } = {}): TickRecord {
  const memory = emptyMemory();
  const now = seen.at ?? T0;
  const { decision, memory: next } = decide(policyOf(), look({ ...seen, at: now }), memory, now);
  return {
    kind: 'tick',
    decision: { ...decision, policy: name },
    actions: [],
    results: [],
    memory,
    after: after ?? next,
    took: 1,
  };
}
