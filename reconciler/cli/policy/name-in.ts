import { parse } from 'yaml';

/** Returns metadata.name of a text that may be anything; undefined when it has none. Validation says what is wrong. */
export function nameIn(text: string): string | undefined {
  try {
    const value: unknown = parse(text);
    if (typeof value !== 'object' || value === null || !('metadata' in value)) return undefined;
    const { metadata } = value;
    if (typeof metadata !== 'object' || metadata === null || !('name' in metadata)) return undefined;
    return typeof metadata.name === 'string' ? metadata.name : undefined;
  } catch {
    return undefined;
  }
}
