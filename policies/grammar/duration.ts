/** Durations as policies write them: `250ms`, `10s`, `5m`, `1h30m`, `2d`. */

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/y;

/** The same grammar as one expression, for JSON Schema; `parseDuration` decides. */
export const DURATION_PATTERN = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/** Milliseconds of a duration text, or undefined when the text is not one. */
export function parseDuration(text: string): number | undefined {
  let at = 0;
  let total = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (!match) return undefined;
    total += Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
    at = PART.lastIndex;
  }
  return at > 0 && Number.isFinite(total) ? Math.round(total) : undefined;
}

/** A duration in the shortest exact form: 90000 is `1m30s`. Negative values carry a minus sign. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 1_000) return ms === 0 ? '0s' : `${Math.round(ms)}ms`;
  let left = Math.round(ms);
  let text = '';
  for (const unit of ['d', 'h', 'm'] as const) {
    const whole = Math.floor(left / UNIT_MS[unit]);
    if (whole > 0) text += `${whole}${unit}`;
    left -= whole * UNIT_MS[unit];
  }
  return left > 0 ? `${text}${left / 1_000}s` : text;
}
