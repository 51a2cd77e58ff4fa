import type { Observable } from 'rxjs';
import { parseRequests } from '../../policies/chaos/requests.ts';
import { classify } from '../aws/errors.ts';
import type { ParameterStore } from '../aws/parameters.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import { type LookOptions, looks } from './look.ts';

export interface RequestWatchOptions extends LookOptions {
  /** Each parameter in it holds the requests for the policy of its name. */
  requests: Pick<ParameterStore, 'list'>;
  /** Is called once for each run of failures, and for a request that is not valid. */
  onProblem: (policy: string | undefined, problem: string, hint?: string, code?: string) => void;
}

/** Emits the requests of people, policy by policy, each time they change. A request that cannot be read is none. */
export function watchRequests(options: RequestWatchOptions): Observable<PolicyEvent> {
  const known = new Map<string, string>();
  let failing = false;
  return looks(
    options,
    async () => {
      const changes = await poll(options, known);
      failing = false;
      return changes;
    },
    (error) => {
      const { code, message, hint } = classify(error, 'ssm:GetParametersByPath');
      if (!failing) options.onProblem(undefined, message, hint, code);
      failing = true;
      return [];
    },
  );
}

async function poll({ requests, onProblem }: RequestWatchOptions, known: Map<string, string>): Promise<PolicyEvent[]> {
  const { parameters, unreadable } = await requests.list();
  const changes: PolicyEvent[] = [];
  const present = new Set<string>();
  for (const { name, text } of parameters) {
    present.add(name);
    if (known.get(name) === text) continue;
    known.set(name, text);
    const parsed = parseRequests(text);
    if ('problem' in parsed)
      onProblem(
        name,
        `the request is not understood: ${parsed.problem}`,
        'write it with sluice chaos run',
        'InvalidRequest',
      );
    changes.push({
      kind: 'requested',
      name,
      source: 'parameter',
      requests: 'requests' in parsed ? parsed.requests : [],
    });
  }
  for (const { name, failure } of unreadable) {
    present.add(name);
    const seen = `unreadable: ${failure.code}`;
    if (known.get(name) === seen) continue;
    known.set(name, seen);
    onProblem(name, failure.message, failure.hint, failure.code);
    // Earlier requests may have been withdrawn meanwhile: a request that cannot be read is none.
    changes.push({ kind: 'requested', name, source: 'parameter', requests: [] });
  }
  for (const name of known.keys())
    if (!present.has(name)) {
      known.delete(name);
      changes.push({ kind: 'requested', name, source: 'parameter', requests: [] });
    }
  return changes;
}
