import { Option } from 'commander';
import { stringify } from 'yaml';
import { didYouMean } from '../../policies/grammar/suggest.ts';
import type { StatusDocument } from '../../policies/status.ts';
import type { Clients } from '../aws/clients.ts';
import { heartbeatParameterOf } from '../lead/heartbeat.ts';
import { escapeLines, escapeStrings, escapeTerminal } from '../text/escape-terminal.ts';
import { color, json, out } from '../text/terminal.ts';
import { UserError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { type NotRead, notRead } from './not-read.ts';
import { withJson, withStatuses } from './options.ts';
import { PolicyStore } from './policy-store.ts';
import { settingOption } from './setting-option.ts';
import { type ReconcilerState, readReconciler, reconcilerLine } from './status/reconciler-line.ts';
import { detailsText, overviewText, type Row } from './status/text.ts';
import { storedStatus } from './stored-status.ts';

interface StatusOptions extends ConnectOptions {
  prefix: string;
  statusPrefix: string;
  heartbeatParameter?: string;
  json?: boolean;
  output?: Output;
  watch?: boolean;
}

/** Forms of the output: a wider table, or everything for programs. */
type Output = 'wide' | 'json' | 'yaml';

const WATCH_MS = 2_000;
const HOME_AND_CLEAR = '\u001b[H\u001b[J';

export const configure: Configure = (command, exit) =>
  withJson(withStatuses(command))
    .addOption(settingOption('heartbeatParameter'))
    .argument('[name]', 'a policy (default: all policies)')
    .addOption(new Option('-o, --output <form>', 'a wider table, or all of it').choices(['wide', 'json', 'yaml']))
    .option('-w, --watch', 'show it again every 2 s, until Ctrl-C')
    .action(async (name: string | undefined, options: StatusOptions) => exit(await status(name, options)));

/**
 * Prints whether a reconciler runs, and a table of policies or everything that is known of one. Status 1 when no reconciler
 * runs.
 */
async function status(name: string | undefined, options: StatusOptions): Promise<number> {
  const { aws } = connect(options);
  // Asked once, also with --watch: folders are rare, and a recursive listing is long.
  const unread =
    name === undefined ? await notRead(new PolicyStore(aws, options.prefix), [options.statusPrefix]) : undefined;
  for (;;) {
    const parameter = options.heartbeatParameter ?? heartbeatParameterOf(options.prefix);
    const [rows, reconciler] = await Promise.all([readRows(aws, options), readReconciler(aws, parameter)]);
    if (options.watch && process.stdout.isTTY && !options.json && !/json|yaml/.test(options.output ?? ''))
      process.stdout.write(HOME_AND_CLEAR);
    print(name, rows, reconciler, unread, options);
    if (!options.watch) return reconciler.state === 'notRunning' ? 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  }
}

async function readRows(aws: Clients, { prefix, statusPrefix }: StatusOptions): Promise<Row[]> {
  const [policies, statuses] = await Promise.all([
    new PolicyStore(aws, prefix).all(),
    new PolicyStore(aws, statusPrefix).all(),
  ]);
  const statusOf = new Map<string, StatusDocument | undefined>(
    statuses.map((s) => [s.name, storedStatus(s.name, s.text)]),
  );
  return policies
    .map(({ name, version }) => ({ name, version, status: statusOf.get(name) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function print(
  name: string | undefined,
  rows: Row[],
  reconciler: ReconcilerState,
  unread: NotRead | undefined,
  options: StatusOptions,
): void {
  const output = options.json ? 'json' : options.output;
  const row = name === undefined ? undefined : rows.find((r) => r.name === name);
  if (name !== undefined && !row) {
    const names = rows.map((r) => r.name);
    throw new UserError(`there is no policy ${name}`, didYouMean(name, names));
  }
  const all = row ? { ...row, reconciler } : { reconciler, policies: rows, ...(unread ? { notRead: unread } : {}) };
  if (output === 'json') json(all);
  else if (output === 'yaml') out(escapeLines(stringify(all).trimEnd()));
  if (output === 'json' || output === 'yaml') return;
  out(reconcilerLine(escapeStrings(reconciler)));
  if (row) out(detailsText(escapeStrings(row)));
  else if (rows.length === 0) out(`no policy below ${options.prefix}; store one: sluice policy apply FILE`);
  else out(overviewText(escapeStrings(rows), output === 'wide'));
  if (unread) out(`${color.yellow(escapeTerminal(unread.text))}\n  -> ${escapeTerminal(unread.todo)}`);
}
