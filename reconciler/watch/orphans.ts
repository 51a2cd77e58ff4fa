import { parsePolicy } from '../../policies/document/parse.ts';
import { parseStatus } from '../../policies/status.ts';
import type { Aws } from '../aws/client.ts';
import { listParameters } from '../aws/parameters.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';

/**
 * Experiments whose policy was deleted while no process ran: their statuses say what runs, and on which queue and
 * service. Looked for once, at the start. Rejects with what AWS threw.
 */
export async function findOrphans(
  aws: Aws,
  statusPrefix: string,
  policies: ReadonlySet<string>,
): Promise<PolicyEvent[]> {
  const parameters = await listParameters(aws, statusPrefix);
  return parameters.flatMap(({ Name, Value }): PolicyEvent[] => {
    const name = Name!.slice(statusPrefix.length);
    const status = parseStatus(Value);
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
