/** A status for people. Its strings have passed `escapeStrings` before they come here. */
import type { Condition } from '../../../policies/conditions.ts';
import type { StatusDocument } from '../../../policies/status.ts';
import { ago } from '../../text/ago.ts';
import { table } from '../../text/table.ts';
import { color } from '../../text/terminal.ts';

/** One policy, and its status once a reconciler has reported on it. */
export interface Row {
  name: string;
  /** The newest stored version. */
  version: number;
  status: StatusDocument | undefined;
}

/** Returns a table with one line per policy. */
export function overviewText(rows: readonly Row[]): string {
  const head = ['NAME', 'VERSION', 'READY', 'WORKERS', 'QUEUE', 'LAST SCALING', 'SEEN', ''].map((h) => color.dim(h));
  return table([head, ...rows.map(overviewRow)]);
}

function overviewRow({ name, version, status }: Row): string[] {
  if (!status) return [name, `${version}`, color.dim('?'), '-', '-', '-', '-', 'no reconciler has reported on it yet'];
  const { workers, queue, observedGeneration } = status;
  return [
    name,
    observedGeneration === version ? `${version}` : color.yellow(`${observedGeneration} of ${version}`),
    paint(condition(status, 'Ready')),
    workers ? `${workers.running}/${workers.desired}` : '-',
    queue ? `${queue.visible} + ${queue.inFlight}` : '-',
    lastScaling(status),
    ago(status.updatedAt),
    trouble(status),
  ];
}

/** Returns everything that is known of one policy. */
export function detailsText({ name, version, status }: Row): string {
  if (!status) return `${color.bold(name)}: version ${version} is stored; no reconciler has reported on it yet`;
  const { workers, queue, lastScaleUp, lastScaleDown, observedGeneration, updatedAt } = status;
  return [
    `${color.bold(name)}  version in force ${observedGeneration}, newest ${version}, reported ${ago(updatedAt)} ago`,
    `  workers  ${workers ? `${workers.running} running, ${workers.pending} pending, ${workers.desired} desired` : 'not known'}`,
    `  queue    ${queue ? queueText(queue) : 'not known'}`,
    `  scaling  last up ${scale(lastScaleUp)}, last down ${scale(lastScaleDown)}`,
    '',
    table(status.conditions.map((c) => [`  ${c.type}`, paint(c), c.reason, ago(c.lastTransitionTime), c.message])),
  ].join('\n');
}

function queueText({ visible, inFlight, delayed, oldestAgeSeconds }: NonNullable<StatusDocument['queue']>): string {
  const oldest = oldestAgeSeconds === undefined ? '' : `, oldest message ${oldestAgeSeconds} s`;
  return `${visible} visible, ${inFlight} in flight, ${delayed} delayed${oldest}`;
}

const condition = (status: StatusDocument, type: Condition['type']): Condition | undefined =>
  status.conditions.find((c) => c.type === type);

/** Conditions that are good news when True. */
const GOOD = new Set<Condition['type']>(['Ready', 'PolicyValid', 'Observed']);

function paint(c: Condition | undefined): string {
  if (!c || c.status === 'Unknown') return color.dim('Unknown');
  if (GOOD.has(c.type)) return c.status === 'True' ? color.green('True') : color.red('False');
  return c.status === 'True' ? color.yellow('True') : 'False';
}

function lastScaling({ lastScaleUp, lastScaleDown }: StatusDocument): string {
  const newest = [lastScaleUp, lastScaleDown]
    .filter((s) => s !== undefined)
    .sort((a, b) => b.at.localeCompare(a.at))[0];
  return newest ? scale(newest) : '-';
}

const scale = (s: StatusDocument['lastScaleUp']): string => (s ? `${s.from} -> ${s.to}, ${ago(s.at)} ago` : 'never');

/** Returns the message that an operator must see first; empty when there is none. */
function trouble(status: StatusDocument): string {
  for (const type of ['PolicyValid', 'Observed', 'Ready'] as const) {
    const c = condition(status, type);
    if (c?.status === 'False') return color.red(c.message);
  }
  const warning = (['Alerting', 'ChaosActive'] as const)
    .map((type) => condition(status, type))
    .find((c) => c?.status === 'True');
  return warning ? color.yellow(warning.message) : '';
}
