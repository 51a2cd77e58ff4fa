/** Returns the time since `at` in its largest fitting unit, such as 90s, 5m, 3h or 4d; "-" without a readable time. */
export function ago(at: number | string | undefined, now = Date.now()): string {
  const time = at === undefined ? Number.NaN : new Date(at).getTime();
  if (Number.isNaN(time)) return '-';
  const seconds = Math.max(0, Math.round((now - time) / 1_000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)}h` : `${Math.round(seconds / 86_400)}d`;
}
