/** Makes the tables of docs/permissions.md from the lists that make the policies. */
import type { Permission, Refusal } from './permission.ts';

const code = (text: string): string => `\`${text}\``;
/** Returns an ARN without its partition, Region and account. */
const short = (arn: string): string => code(arn.replace(/^arn:aws:[\w-]+:[\w-]*:\d*:/, ''));

function conditions({ condition }: { condition?: Permission['condition'] }): string {
  if (!condition) return '';
  return Object.entries(condition)
    .map(([operator, keys]) => `${operator}: ${Object.keys(keys).map(code).join(', ')}`)
    .join('; ');
}

export function permissionTable(permissions: readonly Permission[]): string {
  const rows = permissions.map((p) =>
    [
      code(p.action),
      p.resources.map(short).join(', '),
      conditions(p),
      `${p.feature} (${p.madeBy.includes('/') ? code(p.madeBy) : p.madeBy})`,
      p.without,
    ].join(' | '),
  );
  return [
    '| action | on | only when | for (made by) | without it |',
    '|---|---|---|---|---|',
    ...rows.map((r) => `| ${r} |`),
  ].join('\n');
}

/** Returns one row for each grant that reaches further than its call needs. */
export function wideTable(permissions: readonly Permission[]): string {
  const rows = permissions.flatMap(({ action, wide }) => (wide === undefined ? [] : [`| ${code(action)} | ${wide} |`]));
  return ['| action | reaches further |', '|---|---|', ...rows].join('\n');
}

/** Returns one row for each refusal. */
export function refusalTable(refusals: readonly Refusal[]): string {
  const rows = refusals.map((r) => `| ${r.what} | ${conditions(r)} |`);
  return ['| refused | by the condition |', '|---|---|', ...rows].join('\n');
}
