import { existsSync } from 'node:fs';
import type { StatusDocument } from '../../policies/status.ts';
import { ago } from '../text/ago.ts';
import { escapeStrings } from '../text/escape-terminal.ts';
import { isoTimes } from '../text/iso-times.ts';
import { LOG_FILE } from '../text/log-lines.ts';
import { table } from '../text/table.ts';
import { color, json, note, out } from '../text/terminal.ts';
import { timeText } from '../text/time.ts';
import { columns } from '../text/wrap.ts';
import type { Configure } from './command.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { eventsOf, fromRecord, fromStatus, fromVersions, type PolicyEvent } from './describe/events.ts';
import { type LogSource, recordsOf, withLogGroup } from './log-source.ts';
import { withJson, withStatuses, withTimes } from './options.ts';
import { PolicyStore } from './policy-store.ts';
import { detailsText } from './status/text.ts';
import { storedStatus } from './stored-status.ts';

interface DescribeOptions extends ConnectOptions, Omit<LogSource, 'region'> {
  prefix: string;
  statusPrefix: string;
  log: string;
  json?: boolean;
}

export const configure: Configure = (command, exit) =>
  withTimes(withLogGroup(withJson(withStatuses(command))))
    .argument('<name>', 'the policy')
    .option('--log <file>', 'a log whose events are listed too, if it is there', LOG_FILE)
    .action(async (name: string, options: DescribeOptions) => exit(await describe(name, options)));

/** Prints all conditions of a policy and its last ten events. Needs no log: status and stored versions tell most. */
async function describe(name: string, options: DescribeOptions): Promise<number> {
  const { aws } = connect(options);
  const policies = new PolicyStore(aws, options.prefix);
  const { version } = await policies.get(name);
  const [versions, stored] = await Promise.all([
    policies.history(name),
    new PolicyStore(aws, options.statusPrefix).find(name),
  ]);
  const status = storedStatus(name, stored?.text);
  const logged = await fromLog(name, options);
  const events = eventsOf([...fromVersions(versions), ...(logged ?? []), ...fromStatus(withoutKnown(status, logged))]);
  if (options.json) {
    json({ name, version, status, events: events.map(asJson) });
    return 0;
  }
  out(detailsText(escapeStrings({ name, version, status })));
  out(`\n${eventsText(escapeStrings(events))}`);
  if (!logged) note(color.dim('without a log only the last changes are known; name one with --log or --cloudwatch'));
  return 0;
}

/** Returns the events of a log; undefined when there is none at hand. */
async function fromLog(name: string, options: DescribeOptions) {
  if (options.cloudwatch === undefined && options.log === LOG_FILE && !existsSync(LOG_FILE)) return undefined;
  const moments: ReturnType<typeof fromRecord> = [];
  for await (const record of recordsOf(options.log, options))
    if (record.policy === name) moments.push(...fromRecord(record));
  return moments;
}

/** A log tells the changes of the count with their reasons, so those of the status are left out. */
function withoutKnown(status: StatusDocument | undefined, logged: object | undefined): StatusDocument | undefined {
  if (!status || !logged) return status;
  const { lastScaleUp: _, lastScaleDown: __, ...rest } = status;
  return rest;
}

const asJson = ({ first, last, ...event }: PolicyEvent): unknown =>
  isoTimes({ ...event, firstAt: first, lastAt: last });

function eventsText(events: readonly PolicyEvent[]): string {
  if (events.length === 0) return color.dim('no events yet');
  const head = ['LAST SEEN', 'AGE', 'COUNT', 'KIND', 'EVENT'].map((title) => color.dim(title));
  const rows = events.map(({ first, last, count, kind, message }) => [
    timeText(last),
    ago(last),
    count === 1 ? '1' : `${count} in ${ago(first, last)}`,
    kind === 'trouble' ? color.yellow(kind) : kind,
    message,
  ]);
  return table([head, ...rows], columns());
}
