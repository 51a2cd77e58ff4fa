import { classify } from './aws/errors.ts';
import type { ParameterStore } from './aws/parameters.ts';
import type { Edit, Stored } from './http/edits.ts';

/**
 * Stores a text as the next version, unless another version than the author's was stored meanwhile. SSM has no conditional
 * write: this reads right before it writes, and the number that comes back tells whether another write came in between.
 */
export async function storeEdit(policies: ParameterStore, name: string, edit: Edit): Promise<Stored> {
  try {
    const now = await policies.find(name);
    if ((now?.version ?? 0) !== edit.ifVersion)
      return { kind: 'conflict', ...(now ? { now: { version: now.version, text: now.text } } : {}) };
    const version = await policies.put(name, edit.text, {
      overwrite: now !== undefined,
      description: edit.reason,
      ...(now ? { type: now.type } : {}),
    });
    if (version === edit.ifVersion + 1) return { kind: 'stored', version };
    const warning = `version ${version - 1}, stored by another writer at the same moment, is not in force; compare the two`;
    return { kind: 'stored', version, warning };
  } catch (error) {
    return { kind: 'failed', failure: classify(error, 'ssm:PutParameter') };
  }
}
