/** Matches IAM's wildcards: `*` for any run of characters, `?` for any one. Nothing else is special. */

/**
 * Returns whether a value matches a pattern, in O(pattern x value) at worst. A regular expression would backtrack: a user's
 * policy with several stars could make it run for minutes.
 */
export function globMatches(pattern: string, value: string): boolean {
  let p = 0;
  let v = 0;
  /**
   * The place of the last star. If a later part fails, the match resumes behind it and the star takes one character
   * more.
   */
  let starAt = -1;
  let starTook = 0;
  while (v < value.length) {
    if (pattern[p] === '*') {
      starAt = p++;
      starTook = v;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === value[v])) {
      p++;
      v++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      v = ++starTook;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Compares ARNs as ArnLike and ArnEquals do: each of the six parts by itself, so that no star crosses a colon. */
export function arnMatches(pattern: string, value: string): boolean {
  const want = splitArn(pattern);
  const have = splitArn(value);
  if (!want || !have) return false;
  return want.every((part, i) => globMatches(part, have[i] ?? ''));
}

/** Splits an ARN into its six parts. The sixth, the resource, may hold colons of its own. */
function splitArn(arn: string): string[] | undefined {
  const parts = arn.split(':');
  if (parts.length < 6) return undefined;
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
