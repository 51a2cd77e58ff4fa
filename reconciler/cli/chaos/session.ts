import { chaosFrom } from '../../../policies/chaos/restore.ts';
import { parsePolicy } from '../../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../../policies/document/schema.ts';
import { didYouMean } from '../../../policies/grammar/suggest.ts';
import type { ChaosMemory } from '../../../policies/model/chaos.ts';
import type { Run } from '../../../policies/model/run.ts';
import type { StatusDocument } from '../../../policies/status.ts';
import type { Clients } from '../../aws/clients.ts';
import { UserError } from '../../text/user-error.ts';
import { type ConnectOptions, connect } from '../connect.ts';
import { PolicyStore } from '../policy-store.ts';
import { storedStatus } from '../stored-status.ts';

export interface ChaosOptions extends ConnectOptions {
  prefix: string;
  statusPrefix: string;
  requestsPrefix: string;
  policy?: string;
  json?: boolean;
}

/** One policy with what is known of its experiments. */
export interface Subject {
  name: string;
  /** Undefined when the stored document is not valid. */
  policy: WorkerPolicy | undefined;
  status: StatusDocument | undefined;
  chaos: ChaosMemory | undefined;
}

export interface Session {
  aws: Clients;
  subjects: Subject[];
}

/** Reads the policies that the command is about: the one that `--policy` names, or all. */
export async function openSession(options: ChaosOptions): Promise<Session> {
  const { aws } = connect(options);
  const [documents, statuses] = await Promise.all([
    new PolicyStore(aws, options.prefix).all(),
    new PolicyStore(aws, options.statusPrefix).all(),
  ]);
  const statusOf = new Map(statuses.map((s) => [s.name, storedStatus(s.name, s.text)]));
  const subjects = documents
    .map(({ name, text, version }): Subject => {
      const parsed = parsePolicy(text, { name, generation: version });
      const status = statusOf.get(name);
      return {
        name,
        policy: parsed.ok ? parsed.policy : undefined,
        status,
        chaos: chaosFrom(status?.experiments, status?.chaos),
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
  if (options.policy === undefined) return { aws, subjects };
  const found = subjects.filter((s) => s.name === options.policy);
  if (found.length > 0) return { aws, subjects: found };
  const names = subjects.map((s) => s.name);
  throw new UserError(`there is no policy ${options.policy}`, didYouMean(options.policy, names));
}

/** Returns the only policy. Throws UserError when there are none or several. */
export function onlySubject({ subjects }: Session): Subject {
  const [first, ...others] = subjects;
  if (!first) throw new UserError('there is no policy', 'store one: sluice policy apply FILE');
  if (others.length === 0) return first;
  throw new UserError(
    `there are ${subjects.length} policies`,
    `choose one with --policy: ${subjects.map((s) => s.name).join(', ')}`,
  );
}

/** Returns the runs of a policy: those that are not over first, then the newest. */
export const runsOf = ({ chaos }: Subject): Run[] => [...(chaos?.runs ?? []), ...(chaos?.recent ?? [])];
