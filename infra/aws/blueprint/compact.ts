/** Makes a policy shorter without making it wider. */
import type { PolicyDocument, PolicyStatement } from './policy-document.ts';
import { documentOf } from './policy-document.ts';

/**
 * Returns a document that grants and refuses exactly the same calls in fewer characters: statements that differ in their
 * actions only, or in their resources only, become one; a name that a pattern beside it covers is dropped.
 */
export function compact({ Statement }: PolicyDocument): PolicyDocument {
  const sameResources = merge(Statement, 'Action', ({ Effect, Resource, Condition }) => [
    Effect,
    [...Resource].sort(),
    Condition,
  ]);
  const sameActions = merge(sameResources, 'Resource', ({ Effect, Action, Condition }) => [
    Effect,
    [...Action].sort(),
    Condition,
  ]);
  return documentOf(sameActions.map((s) => ({ ...s, Resource: withoutCovered(s.Resource) })));
}

/** Joins the statements that are alike by `likeness`: their Sids become one word, and `member` holds everybody's entries. */
function merge(
  statements: readonly PolicyStatement[],
  member: 'Action' | 'Resource',
  likeness: (statement: PolicyStatement) => unknown,
): PolicyStatement[] {
  const kept = new Map<string, PolicyStatement>();
  for (const statement of statements) {
    const key = JSON.stringify(likeness(statement));
    const same = kept.get(key);
    const entries = [...new Set([...(same?.[member] ?? []), ...statement[member]])];
    // A reader must not find a write under a Sid that says Read.
    const Sid = same ? `${same.Sid}${statement.Sid}` : statement.Sid;
    kept.set(key, { ...statement, Sid, [member]: entries });
  }
  return [...kept.values()];
}

/** Patterns of this program have one star, at the end. */
function withoutCovered(resources: readonly string[]): string[] {
  const patterns = resources.filter((r) => r.endsWith('*'));
  return resources.filter(
    (name) => !patterns.some((pattern) => pattern !== name && name.startsWith(pattern.slice(0, -1))),
  );
}
