/** Size limits of SSM parameter values (Systems Manager quotas): bytes of UTF-8. */
export const STANDARD_TIER_BYTES = 4_096;
export const ADVANCED_TIER_BYTES = 8_192;

/** The longest reason of an edit, in characters. SSM keeps it as the parameter's description, of at most 1024. */
export const LONGEST_REASON = 300;

export interface SizeReport {
  bytes: number;
  /** The cheapest tier that holds the text; undefined when none does. */
  tier: 'Standard' | 'Advanced' | undefined;
}

export function sizeOf(text: string): SizeReport {
  const bytes = new TextEncoder().encode(text).length;
  const tier = bytes <= STANDARD_TIER_BYTES ? 'Standard' : bytes <= ADVANCED_TIER_BYTES ? 'Advanced' : undefined;
  return { bytes, tier };
}
