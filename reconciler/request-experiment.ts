import { randomUUID } from 'node:crypto';
import { formatRequests, parseRequests } from '../policies/chaos/requests.ts';
import { chaosFrom } from '../policies/chaos/restore.ts';
import type { Answer } from '../policies/model/chaos.ts';
import type { ChaosRequest } from '../policies/model/observation.ts';
import { parseStatus } from '../policies/restore.ts';
import { ask } from './aws/ask.ts';
import type { Clients } from './aws/clients.ts';
import { ParameterStore } from './aws/parameters.ts';
import { UserError } from './text/user-error.ts';

export interface Asking extends Pick<ChaosRequest, 'action' | 'experiment' | 'by'> {
  policy: string;
  /** Milliseconds to wait for an answer; then the request expires. */
  patience?: number;
  requestsPrefix?: string;
  statusPrefix?: string;
}

const POLL_MS = 500;

/**
 * Stores a request in the policy's request parameter and returns the answer from its status. Throws UserError when no
 * reconciler answers in time.
 */
export async function requestExperiment(aws: Clients, asking: Asking): Promise<Answer> {
  const { policy, patience = 60_000, requestsPrefix = '/sluice/requests/', statusPrefix = '/sluice/status/' } = asking;
  const request = requestOf(asking, Date.now() + patience);
  await addTo(new ParameterStore(aws, requestsPrefix), policy, request);
  const statuses = new ParameterStore(aws, statusPrefix);
  while (Date.now() < request.expiresAt) {
    const status = parseStatus((await ask('ssm:GetParameter', () => statuses.find(policy)))?.text);
    const answer = chaosFrom(status?.experiments, status?.chaos)?.answers.find((a) => a.id === request.id);
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new UserError(
    `no reconciler answered within ${Math.round(patience / 1_000)} s; the request has expired and will not run`,
    'check that a reconciler is running: sluice status shows when it last reported',
  );
}

const requestOf = ({ action, experiment, by }: Asking, expiresAt: number): ChaosRequest => ({
  id: randomUUID(),
  action,
  ...(experiment === undefined ? {} : { experiment }),
  ...(by === undefined ? {} : { by }),
  expiresAt,
});

/** Adds the request to those of others that have not expired: the parameter holds all that wait. */
async function addTo(requests: ParameterStore, policy: string, request: ChaosRequest): Promise<void> {
  const stored = await ask('ssm:GetParameter', () => requests.find(policy));
  const parsed = stored ? parseRequests(stored.text) : undefined;
  const others = parsed && 'requests' in parsed ? parsed.requests.filter((r) => r.expiresAt > Date.now()) : [];
  const text = formatRequests([...others, request]);
  await ask('ssm:PutParameter', () => requests.put(policy, text, { overwrite: stored !== undefined }));
}
