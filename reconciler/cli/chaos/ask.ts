import { userInfo } from 'node:os';
import { parseDuration } from '../../../policies/grammar/duration.ts';
import type { Answer } from '../../../policies/model/chaos.ts';
import type { ChaosRequest } from '../../../policies/model/observation.ts';
import type { Clients } from '../../aws/clients.ts';
import { requestExperiment } from '../../request-experiment.ts';
import { UsageError } from '../../text/user-error.ts';
import type { ChaosOptions } from './session.ts';

export interface AskOptions extends ChaosOptions {
  /** Time after which a request without an answer expires. */
  expires: string;
}

/** Returns `--expires` in milliseconds. Throws UsageError for anything but a duration of a second or more. */
export function patienceOf({ expires }: AskOptions): number {
  const ms = parseDuration(expires);
  if (ms === undefined || ms < 1_000)
    throw new UsageError(`--expires ${expires} is not a duration of 1 s or more`, 'for example 60s');
  return ms;
}

/** Asks the reconciler of a policy, in the name of this user, and returns its answer. */
export const ask = (
  aws: Clients,
  policy: string,
  what: Pick<ChaosRequest, 'action' | 'experiment'>,
  options: AskOptions,
): Promise<Answer> => {
  const { requestsPrefix, statusPrefix } = options;
  return requestExperiment(aws, {
    policy,
    ...what,
    by: userInfo().username,
    patience: patienceOf(options),
    requestsPrefix,
    statusPrefix,
  });
};
