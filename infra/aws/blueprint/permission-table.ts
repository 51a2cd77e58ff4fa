/** Makes the tables of docs/permissions.md from the lists that make the policies. */
import type { Permission } from './policy-document.ts';

const code = (text: string): string => `\`${text}\``;
/** Returns an ARN without the parts that all ARNs share. */
const short = (arn: string): string => code(arn.replace(/^arn:aws:[\w-]+:[\w-]*:\d*:/, ''));

function conditions({ condition }: Permission): string {
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
