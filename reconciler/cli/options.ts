/** Flags that several commands share, and the parsers of their values. */
import { type Command, InvalidArgumentError } from 'commander';
import { LONGEST_REASON } from '../../policies/grammar/size.ts';
import { SETTINGS } from '../settings.ts';
import { settingOption } from './setting-option.ts';

/** Parses the number of a stored version, from 1. */
export function version(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('must be a version number, from 1.');
  return Number(text);
}

/** Parses the reason of an edit. */
export function reason(text: string): string {
  if (text.length > LONGEST_REASON)
    throw new InvalidArgumentError(`has ${text.length} characters; at most ${LONGEST_REASON} are kept.`);
  return text;
}

/** Adds the flag that says why a version is stored. */
export const withReason = (command: Command): Command =>
  command.option('--reason <text>', 'why; kept with the version and shown in its history', reason);

/** Adds the flags of a command that calls AWS. */
export const withAws = (command: Command): Command =>
  command
    .option('--region <region>', 'AWS region (default: AWS_REGION, or the region of the profile)')
    .option('--local', 'use the embedded AWS of the `sluice up` that runs in this folder');

/** Adds `--utc`. Node reads TZ anew at each assignment, so every time that is printed later follows it. */
export const withTimes = (command: Command): Command =>
  command
    .option('--utc', 'show times in UTC (default: the time zone of TZ, or of this machine)')
    .on('option:utc', () => {
      process.env.TZ = 'UTC';
    });

/** Adds `--json`. */
export const withJson = (command: Command): Command => command.option('--json', 'print JSON');

/** Adds the flag that answers the question before a destructive act. */
export const withYes = (command: Command): Command =>
  command.option('-y, --yes', 'do not ask on a terminal before an act that takes something away');

/** Adds the path of a parameter. */
const withPath = (command: Command, key: 'prefix' | 'statusPrefix' | 'requestsPrefix'): Command =>
  command.addOption(settingOption(key).default(SETTINGS[key].fallback(false)));

/** Adds the flags of a command that reads stored policies. */
export const withPolicies = (command: Command): Command => withPath(withAws(command), 'prefix');

/** Adds the flags of a command that reads stored policies and their statuses. */
export const withStatuses = (command: Command): Command => withPath(withPolicies(command), 'statusPrefix');

/** Adds the flag of a command that stores requests for experiments. */
export const withRequests = (command: Command): Command => withPath(command, 'requestsPrefix');
