import { didYouMean } from '../../policies/grammar/suggest.ts';
import { type Condition, parseStatus, type StatusDocument } from '../../policies/status.ts';
import type { Clients } from '../aws/clients.ts';
import { connect } from './connect.ts';
import { ago, color, json, out, table, UserError } from './io.ts';
import { PolicyStore } from './policy-store.ts';

export interface StatusOptions {
  prefix: string;
  statusPrefix: string;
  local?: boolean;
  region?: string;
  json?: boolean;
  watch?: boolean;
}

interface Row {
  name: string;
  version: number;
  status: StatusDocument | undefined;
}

const WATCH_MS = 2_000;
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

/** `status [NAME]`: a table of policies, or everything that is known of one. */
export async function status(name: string | undefined, options: StatusOptions): Promise<number> {
  const { aws } = connect(options);
  if (!options.watch) return show(aws, name, options);
  for (;;) {
    if (process.stdout.isTTY && !options.json) process.stdout.write(HOME_AND_CLEAR);
    await show(aws, name, options);
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  }
}

async function show(aws: Clients, name: string | undefined, options: StatusOptions): Promise<number> {
  const [policies, statuses] = await Promise.all([
    new PolicyStore(aws, options.prefix).all(),
    new PolicyStore(aws, options.statusPrefix).all(),
  ]);
  const byName = new Map(statuses.map((s) => [s.name, parseStatus(s.text)]));
  const rows: Row[] = policies
    .map((p) => ({ name: p.name, version: p.version, status: byName.get(p.name) }))
    .sort((a, b) => a.name.localeCompare(b.name));
  if (name === undefined) {
    if (options.json) json({ policies: rows });
    else if (rows.length === 0) out(`no policy below ${options.prefix}; store one: sluice policy apply FILE`);
    else out(overview(rows));
    return 0;
  }
  const row = rows.find((r) => r.name === name);
  if (!row)
    throw new UserError(
      `there is no policy ${name}`,
      didYouMean(
        name,
        rows.map((r) => r.name),
      ),
    );
  if (options.json) json(row);
  else out(details(row));
  return 0;
}

function overview(rows: Row[]): string {
  const head = ['NAME', 'VERSION', 'READY', 'WORKERS', 'QUEUE', 'LAST SCALING', 'SEEN', ''].map((h) => color.dim(h));
  return table([
    head,
    ...rows.map(({ name, version, status }) => {
      if (!status)
        return [name, `${version}`, color.dim('?'), '-', '-', '-', '-', 'no reconciler has reported on it yet'];
      const { workers, queue } = status;
      const ready = condition(status, 'Ready');
      return [
        name,
        status.observedGeneration === version
          ? `${version}`
          : color.yellow(`${status.observedGeneration} of ${version}`),
        paint(ready),
        workers ? `${workers.running}/${workers.desired}` : '-',
        queue ? `${queue.visible} + ${queue.inFlight}` : '-',
        lastScaling(status),
        ago(status.updatedAt),
        trouble(status),
      ];
    }),
  ]);
}

function details({ name, version, status }: Row): string {
  if (!status) return `${color.bold(name)}: version ${version} is stored, but no reconciler has reported on it yet`;
  const { workers, queue } = status;
  const lines = [
    `${color.bold(name)}  version in force ${status.observedGeneration}, newest ${version}, reported ${ago(status.updatedAt)} ago`,
    `  workers  ${workers ? `${workers.running} running, ${workers.pending} pending, ${workers.desired} desired` : 'not known'}`,
    `  queue    ${queue ? `${queue.visible} visible, ${queue.inFlight} in flight, ${queue.delayed} delayed${queue.oldestAgeSeconds === undefined ? '' : `, oldest ${queue.oldestAgeSeconds} s`}` : 'not known'}`,
    `  scaling  last up ${scale(status.lastScaleUp)}, last down ${scale(status.lastScaleDown)}`,
    '',
    table(status.conditions.map((c) => [`  ${c.type}`, paint(c), c.reason, ago(c.lastTransitionTime), c.message])),
  ];
  return lines.join('\n');
}

const condition = (status: StatusDocument, type: Condition['type']): Condition | undefined =>
  status.conditions.find((c) => c.type === type);

/** Conditions whose True is the good news. */
const GOOD = new Set(['Ready', 'PolicyValid', 'Observed']);

function paint(c: Condition | undefined): string {
  if (!c || c.status === 'Unknown') return color.dim('Unknown');
  if (GOOD.has(c.type)) return c.status === 'True' ? color.green('True') : color.red('False');
  return c.status === 'True' ? color.yellow('True') : 'False';
}

function lastScaling({ lastScaleUp, lastScaleDown }: StatusDocument): string {
  const newest = [lastScaleUp, lastScaleDown]
    .filter((s) => s !== undefined)
    .sort((a, b) => b.at.localeCompare(a.at))[0];
  return newest ? `${newest.from} -> ${newest.to}, ${ago(newest.at)} ago` : '-';
}

const scale = (s: StatusDocument['lastScaleUp']): string => (s ? `${s.from} -> ${s.to} ${ago(s.at)} ago` : 'never');

/** The first thing an operator must know. */
function trouble(status: StatusDocument): string {
  for (const type of ['PolicyValid', 'Observed', 'Ready'] as const) {
    const c = condition(status, type);
    if (c?.status === 'False') return color.red(c.message);
  }
  const warnings = (['Alerting', 'ChaosActive'] as const).map((type) => condition(status, type));
  const first = warnings.find((c) => c?.status === 'True');
  return first ? color.yellow(first.message) : '';
}
