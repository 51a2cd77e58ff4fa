import type { Command } from 'commander';
import { withJson, withRequests, withStatuses, withTimes } from '../options.ts';

/** Adds the flags of a command about the experiments of policies. */
export const withExperiments = (command: Command): Command =>
  withRequests(
    withTimes(withJson(withStatuses(command))).option('--policy <name>', 'the policy (default: the only one)'),
  );

/** Adds the flag that bounds how long a request waits. */
export const withExpiry = (command: Command): Command =>
  command.option('--expires <d>', 'time after which a request without an answer expires', '60s');
