import { existsSync } from 'node:fs';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { memoryFrom, parseStatus } from '../../policies/restore.ts';
import { serviceTime } from '../../policies/scaling/estimate/service-time.ts';
import { escapeTerminal } from '../text/escape-terminal.ts';
import { readInput } from '../text/input.ts';
import { table } from '../text/table.ts';
import { color, json, out } from '../text/terminal.ts';
import { UserError } from '../text/user-error.ts';
import type { Configure } from './command.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { type Examination, examine, isProblem } from './doctor/examine.ts';
import { subjectOf } from './doctor/subject.ts';
import { mustParse } from './must-parse.ts';
import { type NotRead, notRead } from './not-read.ts';
import { withJson, withRequests, withStatuses } from './options.ts';
import { PolicyStore } from './policy-store.ts';
import { settingOption } from './setting-option.ts';

interface DoctorOptions extends ConnectOptions {
  policy?: string;
  deadLetters?: string;
  prefix: string;
  statusPrefix: string;
  requestsPrefix: string;
  wakeQueue?: string;
  write?: boolean;
  json?: boolean;
}

export const configure: Configure = (command, exit) =>
  withJson(withRequests(withStatuses(command)))
    .option('--policy <name-or-file>', 'examine one stored policy, or a file (default: all stored policies)')
    .option('--dead-letters <name>', 'the dead-letter queue, whose depth experiments report')
    .addOption(settingOption('wakeQueue'))
    .option('--write', 'also send UpdateService with the count that the service has')
    .action(async (options: DoctorOptions) => exit(await doctor(options)));

/** Makes each call that the policies need once, and prints which ones work. Status 1 on any problem. */
async function doctor(options: DoctorOptions): Promise<number> {
  const { aws } = connect(options);
  const statuses = new PolicyStore(aws, options.statusPrefix);
  const policies = new PolicyStore(aws, options.prefix);
  const found: (Examination & { policy: string })[] = [];
  const unread =
    options.policy === undefined ? await notRead(policies, [options.statusPrefix, options.requestsPrefix]) : undefined;
  for (const policy of await policiesOf(policies, options, unread)) {
    const { name } = policy.metadata;
    const status = await statuses.find(name).catch(() => undefined);
    const estimate = memoryFrom(parseStatus(status?.text)).estimate;
    const jobSeconds = estimate ? serviceTime(estimate) : undefined;
    const examined = await examine(aws, policy, subjectOf(policy, options), {
      write: options.write ?? false,
      jobSeconds,
    });
    found.push({ policy: name, ...examined });
  }
  // It is about all policies, so it stands under the name of the prefix.
  if (unread) found.push({ policy: options.prefix, rows: [], findings: [{ kind: 'problem', ...unread }] });
  if (options.json) json(found);
  else for (const each of found) print(each);
  return found.some(hasProblem) ? 1 : 0;
}

const hasProblem = ({ rows, findings }: Examination): boolean =>
  rows.some(isProblem) || findings.some(({ kind }) => kind === 'problem');

async function policiesOf(
  store: PolicyStore,
  { policy, prefix }: DoctorOptions,
  unread: NotRead | undefined,
): Promise<WorkerPolicy[]> {
  if (policy !== undefined && (existsSync(policy) || /\.(ya?ml|json)$/.test(policy)))
    return [mustParse(policy, await readInput(policy))];
  const names = policy === undefined ? await store.names() : [policy];
  if (names.length === 0)
    throw new UserError(
      unread ? `there is no policy directly below ${prefix}; ${unread.text}` : `there is no policy below ${prefix}`,
      unread?.todo ?? 'name a file instead: sluice doctor --policy FILE',
    );
  return Promise.all(names.map(async (name) => mustParse(name, (await store.get(name)).text)));
}

function print({ policy, rows, findings }: Examination & { policy: string }): void {
  out(color.bold(escapeTerminal(policy)));
  const shown = rows.map(({ verdict, action, feature, message }) => [
    `  ${isProblem({ verdict }) ? color.red(verdict) : verdict === 'allowed' ? color.green(verdict) : color.dim(verdict)}`,
    action,
    feature,
    escapeTerminal(verdict === 'allowed' ? '' : (message ?? '')),
  ]);
  if (shown.length > 0) out(table(shown));
  for (const { statement } of rows) if (statement) out(`  grant: ${JSON.stringify(statement)}`);
  for (const { kind, text, todo } of findings) {
    out(`  ${kind === 'problem' ? color.red(kind) : color.yellow(kind)}  ${escapeTerminal(text)}`);
    out(color.dim(`    -> ${escapeTerminal(todo)}`));
  }
}
