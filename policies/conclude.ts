import { settle } from './chaos/engine/settle.ts';
import { ownCounts } from './elsewhere.ts';
import type { ActionResult } from './model/action.ts';
import type { Decision } from './model/decision.ts';
import type { Memory } from './model/memory.ts';
import type { Instant } from './model/observation.ts';
import type { ScaleRecord } from './model/record.ts';

/** Returns the memory with a decision's change of the count as made (in observe mode: as it would have been). */
export function withChange(memory: Memory, decision: Decision): Memory {
  const { current: from, desired: to, at, mode } = decision;
  if (decision.chaos?.holds || from === undefined || to === undefined || from === to) return memory;
  const record: ScaleRecord = { at, from, to, ...(mode === 'observe' ? { would: true } : {}) };
  return to > from ? { ...memory, lastScaleUp: record } : { ...memory, lastScaleDown: record };
}

/** Returns the memory after a tick's writes. A cooldown starts once the world has taken a change, not at the decision. */
export function conclude(memory: Memory, decision: Decision, results: readonly ActionResult[], now: Instant): Memory {
  const scaling = results.filter((r) => r.action.run === undefined);
  const ofRuns = results.filter((r) => r.action.run !== undefined);
  const made = scaling.length > 0 && scaling.every((r) => r.outcome !== 'failed');
  const known = ownCounts(memory, results, now);
  const after = made ? withChange(known, decision) : known;
  return after.chaos && ofRuns.length > 0 ? { ...after, chaos: settle(after.chaos, ofRuns, now) } : after;
}
