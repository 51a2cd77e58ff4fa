import type { Observable } from 'rxjs';
import { type Problem, parsePolicy } from '../../policies/document/parse.ts';
import { placeOfArn } from '../../policies/document/place.ts';
import type { Claim } from '../../policies/model/claim.ts';
import type { Failure } from '../../policies/model/observation.ts';
import { classify, namedError } from '../aws/errors.ts';
import type { ParameterStore, StoredParameter } from '../aws/parameters.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import { Claims } from './claims.ts';
import { type LookOptions, looks } from './look.ts';

export interface WatchOptions extends LookOptions {
  /** Each parameter in it is one policy. */
  policies: Pick<ParameterStore, 'list' | 'find' | 'prefix'>;
  /** Returns the version in force before a restart (from the status parameter), for when the present one is refused. */
  lastGood: (name: string) => Promise<number>;
  /** Returns the claim that a policy's status holds. Without it, only this process's own looks count. */
  claimOf?: (name: string) => Promise<Claim | undefined>;
  /** Prefixes of the parameters that Sluice itself writes: no fault may write below them. */
  reserved?: readonly string[];
  /** Is called when that older version could not be read, other than because it is gone. */
  onProblem?: (name: string, failure: Failure) => void;
}

export type WatchEvent =
  | { kind: 'change'; change: PolicyEvent }
  | { kind: 'polled'; policies: number }
  | { kind: 'failed'; failure: Failure };

/** One parameter as last seen. */
interface Known {
  stamp: string;
  /** The version that is in force; 0: none. */
  inForce: number;
  /** The last listing left it out, and nothing else was known about it. */
  missed?: true;
}

/**
 * Emits the policy documents in SSM as changes. The last good version stays in force through a bad edit and through any failure
 * to read. A policy counts as deleted only when a listing without it has a second witness.
 */
export function watchPolicies(options: WatchOptions): Observable<WatchEvent> {
  const known = new Map<string, Known>();
  const claims = new Claims(options.claimOf ?? (async () => undefined));
  return looks(
    options,
    () => poll(options, known, claims),
    (error) => [{ kind: 'failed', failure: classify(error, 'ssm:GetParametersByPath') }],
  );
}

async function poll(options: WatchOptions, known: Map<string, Known>, claims: Claims): Promise<WatchEvent[]> {
  const { parameters, unreadable } = await options.policies.list();
  const changes: PolicyEvent[] = [];
  for (const parameter of parameters) {
    const { name } = parameter;
    // A parameter that was deleted and made again starts at version 1 once more, hence the date.
    const stamp = `${parameter.version}@${parameter.modified}`;
    const before = known.get(name);
    if (before?.stamp === stamp) delete before.missed;
    else {
      const found = await changesOf(options, parameter, before);
      known.set(name, { stamp, inForce: found.inForce });
      changes.push(...found.changes);
    }
  }
  for (const { name, version, modified, failure } of unreadable) {
    const stamp = `${version}@${modified} unreadable: ${failure.code}`;
    const before = known.get(name);
    if (before?.stamp === stamp) delete before.missed;
    else {
      const found = await refusalOf(options, { name, text: '', version }, [undecryptable(failure)], before);
      known.set(name, { stamp, inForce: found.inForce });
      changes.push(...found.changes);
    }
  }
  const listed = new Set([...parameters, ...unreadable].map(({ name }) => name));
  const absent = [...known.keys()].filter((name) => !listed.has(name));
  const fates = await Promise.all(absent.map(async (name) => ({ name, fate: await fateOf(options, name, known) })));
  for (const { name } of fates.filter(({ fate }) => fate === 'deleted')) {
    known.delete(name);
    changes.push({ kind: 'deleted', name });
  }
  const modified = new Map([...parameters, ...unreadable].map((each) => [each.name, each.modified]));
  for (const change of changes) claims.note(change, modified.get(change.name) ?? 0);
  const claimed = await claims.settle();
  // A policy knows that another one owns its service before its first tick; an owner goes before another takes over.
  const ordered = [...claimed.filter(({ owner }) => owner), ...changes, ...claimed.filter(({ owner }) => !owner)];
  const omitted = fates.find(({ fate }) => fate === 'there');
  return [
    ...ordered.map((change): WatchEvent => ({ kind: 'change', change })),
    omitted
      ? { kind: 'failed', failure: halfListing(options, omitted.name) }
      : { kind: 'polled', policies: known.size },
  ];
}

/**
 * Returns what became of a policy that a listing left out: SSM is asked for it by name. When that cannot be answered, the policy
 * counts as deleted once two listings in a row have left it out.
 */
async function fateOf(
  { policies }: WatchOptions,
  name: string,
  known: ReadonlyMap<string, Known>,
): Promise<'deleted' | 'there' | 'unknown'> {
  try {
    return (await policies.find(name)) ? 'there' : 'deleted';
  } catch {
    const entry = known.get(name);
    if (entry?.missed) return 'deleted';
    if (entry) entry.missed = true;
    return 'unknown';
  }
}

function halfListing({ policies }: WatchOptions, name: string): Failure {
  const message = `ssm:GetParametersByPath: the listing leaves out ${policies.prefix}${name}, which is there`;
  return classify(namedError('IncompleteAnswer', message), 'ssm:GetParametersByPath');
}

/** Returns the problem of a document that SSM has and cannot decrypt for this role. */
function undecryptable({
  message,
  hint = 'let the role use the key (kms:Decrypt), or store it as String',
}: Failure): Problem {
  return { line: 1, col: 1, path: '', message: `cannot be decrypted: ${message}`, hint };
}

interface Changes {
  changes: PolicyEvent[];
  inForce: number;
}

async function changesOf(
  options: WatchOptions,
  parameter: StoredParameter,
  before: Known | undefined,
): Promise<Changes> {
  const { name, text, version } = parameter;
  const parsed = parsePolicy(text, { name, generation: version, ...ruling(options, parameter.arn) });
  if (parsed.ok) return { changes: [{ kind: 'applied', name, policy: parsed.policy, text }], inForce: version };
  return refusalOf(options, parameter, parsed.problems, before);
}

/** Returns the refusal of a version, after the one that stays in force when this process has not seen that yet. */
async function refusalOf(
  options: WatchOptions,
  { name, text, version }: Pick<StoredParameter, 'name' | 'text' | 'version'>,
  problems: Problem[],
  before: Known | undefined,
): Promise<Changes> {
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
  changes.push({ kind: 'refused', name, version, problems, text, inForce });
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
    const { text = '', arn } = (await options.policies.find(name, version)) ?? {};
    const parsed = parsePolicy(text, { name, generation: version, ...ruling(options, arn) });
    return parsed.ok ? { kind: 'applied', name, policy: parsed.policy, text } : undefined;
  } catch (error) {
    // The version may have aged out of the history (SSM keeps 100). Then there is no good one, and the status says so.
    const failure = classify(error, 'ssm:GetParameter');
    if (!failure.code.startsWith('Parameter')) options.onProblem?.(name, failure);
    return undefined;
  }
}

/** The parameters themselves say where this reconciler works: their ARN names Region and account. */
const ruling = ({ reserved }: WatchOptions, arn: string | undefined) => ({
  ...(reserved ? { reserved } : {}),
  home: placeOfArn(arn) ?? {},
});
