import { randomUUID } from 'node:crypto';
import { formatRequests, parseRequests } from '../../../policies/chaos/requests.ts';
import type { Answer } from '../../../policies/chaos/run.ts';
import { chaosFrom } from '../../../policies/chaos/stored.ts';
import type { ChaosRequest } from '../../../policies/model/observation.ts';
import { parseStatus } from '../../../policies/status.ts';
import type { Clients } from '../../aws/clients.ts';
import { UserError } from '../io.ts';
import { PolicyStore } from '../policy-store.ts';

export interface Asking extends Pick<ChaosRequest, 'action' | 'experiment' | 'by'> {
  policy: string;
  /** Milliseconds that it waits for an answer; then the request expires. */
  patience?: number;
  requestsPrefix?: string;
  statusPrefix?: string;
}

const POLL_MS = 500;

/** Puts a request where the reconciler reads them, and waits for its answer in the status. */
export async function requestChaos(aws: Clients, asking: Asking): Promise<Answer> {
  const { policy, patience = 60_000, requestsPrefix = '/sluice/requests/', statusPrefix = '/sluice/status/' } = asking;
  const requests = new PolicyStore(aws, requestsPrefix);
  const statuses = new PolicyStore(aws, statusPrefix);
  const { action, experiment, by } = asking;
  const request: ChaosRequest = {
    id: randomUUID(),
    action,
    ...(experiment === undefined ? {} : { experiment }),
    ...(by === undefined ? {} : { by }),
    expiresAt: Date.now() + patience,
  };
  const stored = await requests.find(policy);
  const parsed = stored ? parseRequests(stored.text) : undefined;
  // Requests of others that have not expired stay: the parameter holds all that wait.
  const others = parsed && 'requests' in parsed ? parsed.requests.filter((r) => r.expiresAt > Date.now()) : [];
  await requests.put(policy, formatRequests([...others, request]), { overwrite: stored !== undefined });
  while (Date.now() < request.expiresAt) {
    const status = parseStatus((await statuses.find(policy))?.text);
    const answer = chaosFrom(status?.experiments, status?.chaos)?.answers.find((a) => a.id === request.id);
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new UserError(
    `nobody answered within ${Math.round(patience / 1_000)} s; the request has expired and will not be carried out`,
    'is a reconciler running? sluice status says when it was last seen',
  );
}
