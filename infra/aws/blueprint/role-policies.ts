/**
 * A role's documents within IAM's limits. Source: IAM User Guide, "IAM and AWS STS quotas": characters without white
 * space, 10,240 for all inline policies of a role together, 6,144 for a managed policy, ten of them on a role.
 */
import { compact } from './compact.ts';
import type { Permission, Refusal } from './permission.ts';
import { documentOf, type PolicyDocument, type PolicyStatement, policyDocument } from './policy-document.ts';

export const INLINE_CHARACTERS = 10_240;
export const MANAGED_CHARACTERS = 6_144;
/** The default quota. AWS raises it on request; Sluice does not count on that. */
export const MANAGED_POLICIES = 10;

export interface RolePolicies {
  /** One document stands in the role itself; several are managed policies, since no inline policy could hold them. */
  kind: 'inline' | 'managed';
  /** JSON, with `SOMEWHERE` in the place of account and Region. */
  documents: string[];
}

/**
 * Returns the documents of a role. Grants must be of `SOMEWHERE`, whose names are longer than any real account's, so that
 * the number of documents is known before the account is.
 * @throws Error that says by how much the grants pass IAM's limits, and what to do
 */
export function rolePolicies(permissions: readonly Permission[], refusals: readonly Refusal[] = []): RolePolicies {
  const readable = policyDocument(permissions, refusals);
  const compacted = compact(readable);
  const inline = [readable, compacted].find((document) => sizeOf(document) <= INLINE_CHARACTERS);
  if (inline) return { kind: 'inline', documents: [JSON.stringify(inline)] };
  const documents = split(compacted.Statement, MANAGED_CHARACTERS);
  if (documents.length > MANAGED_POLICIES)
    throw new Error(
      `the role needs ${documents.length} managed policies, and IAM attaches ${MANAGED_POLICIES} to a role; ` +
        'use patterns such as "jobs-*" in queues and services, shorter names, or a second stack',
    );
  return { kind: 'managed', documents: documents.map((d) => JSON.stringify(d)) };
}

/** Returns the document in as few pieces as the limit of a managed policy allows. */
export const managedPolicies = (document: PolicyDocument): PolicyDocument[] =>
  split(document.Statement, MANAGED_CHARACTERS);

export const sizeOf = (document: PolicyDocument): number => JSON.stringify(document).length;

/** Fills document after document; a statement that fits into none is cut between its resources. */
function split(statements: readonly PolicyStatement[], limit: number): PolicyDocument[] {
  const empty = sizeOf(documentOf([]));
  const documents: PolicyStatement[][] = [];
  // Largest first, so that the small ones fill the gaps.
  const bySize = statements.flatMap((s) => pieces(s, limit - empty)).sort((a, b) => length(b) - length(a));
  for (const piece of bySize) {
    const room = documents.find((d) => sizeOf(documentOf([...d, piece])) <= limit);
    if (room) room.push(piece);
    else documents.push([piece]);
  }
  return documents.map(documentOf);
}

const length = (statement: PolicyStatement): number => JSON.stringify(statement).length;

/** Cuts a statement into ones of at most `limit` characters. Each piece carries the whole condition, so none is wider. */
function pieces(statement: PolicyStatement, limit: number): PolicyStatement[] {
  if (length(statement) <= limit) return [statement];
  const cut: PolicyStatement[] = [];
  for (const resource of statement.Resource) {
    const last = cut.at(-1);
    const longer = last && { ...last, Resource: [...last.Resource, resource] };
    if (longer && length(longer) <= limit) cut[cut.length - 1] = longer;
    else cut.push({ ...statement, Sid: `${statement.Sid}${cut.length + 1}`, Resource: [resource] });
  }
  return cut;
}
