import type { Command } from 'commander';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { formatDuration, parseDuration } from '../../../policies/grammar/duration.ts';
import type { StatusDocument, StoredScale } from '../../../policies/status.ts';
import type { Clients } from '../../aws/clients.ts';
import { UsageError, UserError } from '../../text/user-error.ts';
import { PolicyStore } from '../policy-store.ts';
import { storedStatus } from '../stored-status.ts';

export interface WaitOptions {
  wait?: boolean;
  timeout: string;
  statusPrefix: string;
}

/** The effect of a stored version. */
export interface Effect {
  version: number;
  workers?: { from: number; to: number };
}

/** A version that was stored. */
interface Stored {
  name: string;
  text: string;
  version: number;
  before: StatusDocument | undefined;
}

const POLL_MS = 500;
/** Ticks after which a version in force would have changed the count. */
const TICKS = 2;

/** Adds the flags of a command that can wait for its effect. */
export const withWait = (command: Command): Command =>
  command
    .option('--wait', 'wait until the version is in force, and print the change of the count')
    .option('--timeout <d>', 'the longest wait', '60s');

/** Returns the stored status of a policy, to tell later what is new in it. */
export const statusNow = async (aws: Clients, name: string, { statusPrefix }: WaitOptions) =>
  storedStatus(name, (await new PolicyStore(aws, statusPrefix).find(name))?.text);

/** Returns `--timeout` in milliseconds. Throws UsageError for anything but a duration of a second or more. */
export function timeoutOf({ timeout }: WaitOptions): number {
  const ms = parseDuration(timeout);
  if (ms !== undefined && ms >= 1_000) return ms;
  throw new UsageError(`--timeout ${timeout} is not a duration of 1 s or more`, 'for example 60s');
}

/**
 * Resolves once a stored version is in force and has had two ticks to change the count. Throws UserError when the reconciler
 * refuses it, or does not take it in time. `before` is the status from before it was stored.
 */
export async function waitFor(
  aws: Clients,
  { name, text, version, before }: Stored,
  options: WaitOptions,
): Promise<Effect> {
  const statuses = new PolicyStore(aws, options.statusPrefix);
  const parsed = parsePolicy(text, { name });
  const patience = TICKS * (parsed.ok ? parsed.policy.spec.interval : 0) + 2 * POLL_MS;
  const deadline = Date.now() + timeoutOf(options);
  let inForceAt: number | undefined;
  let status: StatusDocument | undefined;
  while (Date.now() < deadline) {
    status = storedStatus(name, (await statuses.find(name))?.text);
    mustNotBeRefused(status, name, version);
    if ((status?.observedGeneration ?? 0) >= version) {
      inForceAt ??= Date.now();
      const workers = newChange(before, status);
      if (workers) return { version, workers };
      if (Date.now() >= inForceAt + patience) return { version };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  if (inForceAt !== undefined) return { version };
  throw new UserError(
    `version ${version} is stored, but was not in force after ${formatDuration(timeoutOf(options))}`,
    status
      ? `see what the reconciler says: sluice status ${name}`
      : 'no reconciler has reported: start one with sluice run',
  );
}

function mustNotBeRefused(status: StatusDocument | undefined, name: string, version: number): void {
  if (status?.refusedVersion !== version) return;
  const message = status.conditions.find((c) => c.type === 'PolicyValid')?.message;
  throw new UserError(message ?? `version ${version} was refused`, `see the whole status: sluice status ${name}`);
}

/** Returns the newest change of the count that the status from before does not hold. */
function newChange(before: StatusDocument | undefined, now: StatusDocument | undefined): Effect['workers'] {
  const known = new Set([before?.lastScaleUp?.at, before?.lastScaleDown?.at]);
  const newest = [now?.lastScaleUp, now?.lastScaleDown]
    .filter((s): s is StoredScale => s !== undefined && !known.has(s.at))
    .sort((a, b) => b.at.localeCompare(a.at))[0];
  return newest && { from: newest.from, to: newest.to };
}

/** Returns an effect in words. */
export const effectText = ({ version, workers }: Effect): string =>
  `version ${version} is in force, ${workers ? `${workers.from} -> ${workers.to} workers` : 'the count did not change'}`;
