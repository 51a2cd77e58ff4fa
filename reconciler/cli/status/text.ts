/** A status for people. Its strings have passed `escapeStrings` before they come here. */
import type { StatusDocument } from '../../../policies/status.ts';
import { ago } from '../../text/ago.ts';
import { table } from '../../text/table.ts';
import { color } from '../../text/terminal.ts';
import { columns, wrap } from '../../text/wrap.ts';
import { conditionOf, lastScaling, limitText, modeText, paint, scaleText, troubles } from './words.ts';

/** One policy, and its status once a reconciler has reported on it. */
export interface Row {
  name: string;
  /** The newest stored version. */
  version: number;
  status: StatusDocument | undefined;
}

const HEAD = ['NAME', 'VERSION', 'MODE', 'READY', 'LIMITED BY', 'WORKERS', 'QUEUE', 'LAST SCALING', 'SEEN'];
const WIDE = ['OLDEST', 'PENDING', 'DELAYED', 'REASON', 'EXPERIMENT'];

/** Returns a table with one line per policy, and below it the cause of everything that is not well. */
export function overviewText(rows: readonly Row[], wide = false): string {
  const head = [...HEAD, ...(wide ? WIDE : [])].map((title) => color.dim(title));
  const lines = table([head, ...rows.map((row) => overviewRow(row, wide))]).split('\n');
  return lines.flatMap((line, i) => [line, ...causesOf(rows[i - 1])]).join('\n');
}

function overviewRow({ name, version, status }: Row, wide: boolean): string[] {
  if (!status) return [name, `${version}`, '-', color.dim('Unknown'), '-', '-', '-', '-', '-'];
  const { workers, queue, observedGeneration, updatedAt, experiments } = status;
  const running = experiments.find((run) => run.phase !== 'ended');
  const more = [
    queue?.oldestAgeSeconds === undefined ? '-' : `${queue.oldestAgeSeconds}s`,
    workers ? `${workers.pending}` : '-',
    queue ? `${queue.delayed}` : '-',
    conditionOf(status, 'Ready')?.reason ?? '-',
    running ? `${running.experiment} (${running.phase})` : '-',
  ];
  return [
    name,
    observedGeneration === version ? `${version}` : color.yellow(`${observedGeneration} of ${version}`),
    modeText(status),
    paint(conditionOf(status, 'Ready')),
    limitText(status),
    workers ? `${workers.running}/${workers.desired}` : '-',
    queue ? `${queue.visible} + ${queue.inFlight}` : '-',
    lastScaling(status),
    ago(updatedAt),
    ...(wide ? more : []),
  ];
}

const INDENT = '  ';

function causesOf(row: Row | undefined): string[] {
  if (!row) return [];
  if (!row.status) return [color.dim(`${INDENT}no reconciler has reported on it yet`)];
  return troubles(row.status).flatMap((c) => {
    const tint = c.status === 'False' ? color.red : color.yellow;
    return wrap(`${c.reason}: ${c.message}`, columns() - INDENT.length).map((line) => INDENT + tint(line));
  });
}

/** Returns everything that is known of one policy. */
export function detailsText({ name, version, status }: Row): string {
  if (!status) return `${color.bold(name)}: version ${version} is stored; no reconciler has reported on it yet`;
  const { workers, queue, queues = [], lastScaleUp, lastScaleDown, observedGeneration, updatedAt } = status;
  return [
    `${color.bold(name)}  version in force ${observedGeneration}, newest ${version}, mode ${modeText(status)}, reported ${ago(updatedAt)} ago`,
    `  workers  ${workers ? `${workers.running} running, ${workers.pending} pending, ${workers.desired} desired` : 'not known'}`,
    `  queue    ${queue ? queueText(queue) : 'not known'}`,
    ...queues.map(({ name: each, ...counts }) => `    ${each}: ${queueText(counts)}`),
    `  scaling  last up ${scaleText(lastScaleUp)}, last down ${scaleText(lastScaleDown)}`,
    '',
    table(
      status.conditions.map((c) => [`  ${c.type}`, paint(c), c.reason, ago(c.lastTransitionTime), c.message]),
      columns(),
    ),
  ].join('\n');
}

function queueText({ visible, inFlight, delayed, oldestAgeSeconds }: NonNullable<StatusDocument['queue']>): string {
  const oldest = oldestAgeSeconds === undefined ? '' : `, oldest message ${oldestAgeSeconds} s`;
  return `${visible} visible, ${inFlight} in flight, ${delayed} delayed${oldest}`;
}
