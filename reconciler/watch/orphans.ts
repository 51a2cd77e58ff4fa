import { parsePolicy } from '../../policies/document/parse.ts';
import { parseStatus } from '../../policies/restore.ts';
import { namedError } from '../aws/errors.ts';
import type { ParameterStore } from '../aws/parameters.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';

/**
 * Experiments whose policy was deleted while no process ran: their statuses say what runs, and on which queue and
 * service. Looked for once, at the start. Rejects with what AWS threw.
 */
export async function findOrphans(statuses: ParameterStore, policies: ReadonlySet<string>): Promise<PolicyEvent[]> {
  const { parameters, unreadable } = await statuses.list();
  // An experiment of a deleted policy must be known before it can be taken back: this is looked for again later.
  const sealed = unreadable.find(({ name }) => !policies.has(name));
  if (sealed) throw namedError(sealed.failure.code, sealed.failure.message);
  return parameters.flatMap(({ name, text }): PolicyEvent[] => {
    const status = parseStatus(text);
    const running = status?.experiments.some((e) => e.phase !== 'ended') ?? false;
    if (policies.has(name) || !running || !status?.target) return [];
    const { queue, service } = status.target;
    const document = {
      apiVersion: 'sluice/v1',
      kind: 'WorkerPolicy',
      metadata: { name },
      spec: { mode: 'paused', queue, service, scaling: { minWorkers: 0, maxWorkers: 0 } },
    };
    const parsed = parsePolicy(JSON.stringify(document), { name });
    return parsed.ok ? [{ kind: 'orphaned', name, policy: parsed.policy }] : [];
  });
}
