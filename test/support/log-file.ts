/** Logs of made-up ticks, as the reconciler would write them. */
import { decide } from '../../policies/decide.ts';
import { parsePolicy } from '../../policies/document/parse.ts';
import type { PolicyInput } from '../../policies/document/schema.ts';
import { emptyMemory } from '../../policies/memory.ts';
import { type Look, look } from './policy.ts';

/** Returns a policy's document as JSON. */
export const documentText = (scaling: Partial<PolicyInput['spec']['scaling']> = {}, mode = 'enforce'): string =>
  JSON.stringify({
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name: 'jobs' },
    spec: {
      mode,
      queue: { name: 'jobs' },
      service: { cluster: 'demo', name: 'jobs' },
      scaling: { minWorkers: 1, maxWorkers: 20, strategies: [{ type: 'threshold' }], ...scaling },
    },
  });

/** Returns the record of a document that came into force. */
export const appliedLine = (version: number, text: string, at: number): string =>
  JSON.stringify({
    level: 'info',
    time: new Date(at).toISOString(),
    msg: 'policy applied',
    policy: 'jobs',
    version,
    text,
  });

/** Returns the record of a tick under a document. */
export function decisionLine(version: number, text: string, seen: Look & { at: number }): string {
  const parsed = parsePolicy(text, { name: 'jobs', generation: version });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const memory = emptyMemory();
  const { decision } = decide(parsed.policy, look(seen), memory, seen.at);
  const { policy, generation: _, summary, ...rest } = decision;
  const time = new Date(seen.at).toISOString();
  return JSON.stringify({ level: 'info', time, msg: 'decision', policy, version, summary, decision: rest, memory });
}
