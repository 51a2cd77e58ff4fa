import {
  asyncScheduler,
  catchError,
  from,
  merge,
  mergeMap,
  NEVER,
  type Observable,
  of,
  type SchedulerLike,
  takeUntil,
  timer,
} from 'rxjs';
import { parsePolicy } from '../../policies/document/parse.ts';
import type { Failure } from '../../policies/model/observation.ts';
import { classify } from '../aws/errors.ts';
import type { ParameterStore, StoredParameter } from '../aws/parameters.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import { exhaustMapLatest } from '../loop/rx.ts';

export interface WatchOptions {
  /** Each parameter in it is one policy. */
  policies: ParameterStore;
  /** Milliseconds between two looks. */
  pollInterval: number;
  /** Looks at once when it emits: a queue of change events, a signal. Best effort; the poll stays. */
  wake$?: Observable<unknown>;
  stop$?: Observable<unknown>;
  scheduler?: SchedulerLike;
  /** The version in force before a restart (from the status parameter), for when the present one is refused. */
  lastGood: (name: string) => Promise<number>;
  /** LastLogged when that older version could not be read, other than because it is gone. */
  onProblem?: (name: string, failure: Failure) => void;
}

export type WatchEvent =
  | { kind: 'change'; change: PolicyEvent }
  | { kind: 'polled'; policies: number }
  | { kind: 'failed'; failure: Failure };

/** One parameter as last seen, and the version of it that is in force (0: none). */
interface Known {
  stamp: string;
  inForce: number;
}

/**
 * Policy documents from SSM as a stream of changes. The last good version stays in force through a bad edit and through
 * any failure to read; a policy counts as deleted only when a complete listing succeeded without it.
 */
export function watchPolicies(options: WatchOptions): Observable<WatchEvent> {
  const { pollInterval, wake$ = NEVER, stop$ = NEVER, scheduler = asyncScheduler } = options;
  const known = new Map<string, Known>();
  return merge(timer(0, pollInterval, scheduler), wake$).pipe(
    takeUntil(stop$),
    exhaustMapLatest(() =>
      from(poll(options, known)).pipe(
        mergeMap((events) => from(events)),
        catchError((error: unknown) =>
          of<WatchEvent>({ kind: 'failed', failure: classify(error, 'ssm:GetParametersByPath') }),
        ),
      ),
    ),
  );
}

async function poll(options: WatchOptions, known: Map<string, Known>): Promise<WatchEvent[]> {
  const parameters = await options.policies.list();
  const changes: PolicyEvent[] = [];
  const present = new Set<string>();
  for (const parameter of parameters) {
    const { name } = parameter;
    present.add(name);
    // A parameter that was deleted and made again starts at version 1 once more, hence the date.
    const stamp = `${parameter.version}@${parameter.modified}`;
    const before = known.get(name);
    if (before?.stamp === stamp) continue;
    const found = await changesOf(options, parameter, before);
    known.set(name, { stamp, inForce: found.inForce });
    changes.push(...found.changes);
  }
  for (const name of known.keys())
    if (!present.has(name)) {
      known.delete(name);
      changes.push({ kind: 'deleted', name });
    }
  return [
    ...changes.map((change): WatchEvent => ({ kind: 'change', change })),
    { kind: 'polled', policies: parameters.length },
  ];
}

async function changesOf(
  options: WatchOptions,
  { name, text, version }: StoredParameter,
  before: Known | undefined,
): Promise<{ changes: PolicyEvent[]; inForce: number }> {
  const parsed = parsePolicy(text, { name, generation: version });
  if (parsed.ok) return { changes: [{ kind: 'applied', name, policy: parsed.policy, text }], inForce: version };
  const changes: PolicyEvent[] = [];
  let inForce = before?.inForce ?? 0;
  // First sight of a policy whose newest version is bad: this process has no last good one, but the one before it had.
  if (!before) {
    const good = await lastGoodVersion(options, name, version);
    if (good) {
      inForce = good.policy.metadata.generation;
      changes.push(good);
    }
  }
  changes.push({ kind: 'refused', name, version, problems: parsed.problems, text, inForce });
  return { changes, inForce };
}

async function lastGoodVersion(
  options: WatchOptions,
  name: string,
  newest: number,
): Promise<Extract<PolicyEvent, { kind: 'applied' }> | undefined> {
  try {
    const version = await options.lastGood(name);
    if (version < 1 || version >= newest) return undefined;
    const { text = '' } = (await options.policies.find(name, version)) ?? {};
    const parsed = parsePolicy(text, { name, generation: version });
    return parsed.ok ? { kind: 'applied', name, policy: parsed.policy, text } : undefined;
  } catch (error) {
    // The version may have aged out of the history (SSM keeps 100). Then there is no good one, and the status says so.
    const failure = classify(error, 'ssm:GetParameter');
    if (!failure.code.startsWith('Parameter')) options.onProblem?.(name, failure);
    return undefined;
  }
}
