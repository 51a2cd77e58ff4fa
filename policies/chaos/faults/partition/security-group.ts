/**
 * partition, method securityGroup: new tasks get other security groups. ECS owns the network interfaces of running tasks,
 * so the change starts a deployment: tasks are replaced, cut off, and replaced again on the way back.
 */
import { z } from 'zod';
import { formatDuration } from '../../../grammar/duration.ts';
import type { ChaosReadings } from '../../../model/observation.ts';
import { defineFault } from '../../fault.ts';
import { cut, cutOff, cutOffFor, isOver, lasts, receivesStopped } from './method.ts';

const schema = z.strictObject({
  ...cutOff,
  method: z.literal('securityGroup'),
  ...cutOffFor,
  securityGroups: z
    .array(z.string().regex(/^sg-[\w-]+$/, 'must be a security group such as sg-0123456789abcdef0'))
    .min(1)
    .max(5)
    .meta({ description: 'the groups that new tasks get meanwhile' }),
});

const injection = z.object({
  method: z.literal('securityGroup'),
  ...cut,
  groups: z.array(z.string()),
  /** The former network configuration, whole: UpdateService needs all of it. */
  restore: z.object({
    subnets: z.array(z.string()),
    securityGroups: z.array(z.string()),
    assignPublicIp: z.enum(['ENABLED', 'DISABLED']).exactOptional(),
  }),
});

/** ECS's descriptions follow a change within seconds; this is long enough. */
const SETTLED_MS = 30_000;

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && [...a].sort().join() === [...b].sort().join();

export const securityGroup = defineFault({
  type: 'partition',
  method: 'securityGroup',
  schema,
  injection,
  needsMessages: true,
  deploys: true,
  lasts,
  requiredReadings: () => ({ network: true }),
  revertReadings: () => ({ network: true }),

  plan({ duration, securityGroups }, { seen, now }) {
    const network = seen.chaos?.network;
    if (!network?.ok) return { refused: "the service's network configuration could not be read" };
    if (!network.value) return { refused: 'the service has no network configuration (it does not run in awsvpc mode)' };
    if (same(network.value.securityGroups, securityGroups))
      return { refused: `the service has the security groups ${securityGroups.join(', ')} already` };
    return {
      injection: {
        method: 'securityGroup',
        until: now + duration,
        groups: securityGroups,
        restore: network.value,
      },
      summary: `give tasks the security groups ${securityGroups.join(', ')} for ${formatDuration(duration)}`,
    };
  },

  /** The configuration is replaced whole, so it must have been read in this tick, and be as it was planned with. */
  inject: ({ groups, restore }, { run, seen }) =>
    run.injectedAt === undefined && hasGroups(seen.chaos, restore.securityGroups)
      ? [
          {
            kind: 'SwapSecurityGroups',
            network: { ...restore, securityGroups: groups },
            from: restore.securityGroups,
            run: run.id,
            purpose: 'inject',
          },
        ]
      : [],
  isInPlace: ({ groups }, { seen }) => hasGroups(seen.chaos, groups),
  isOver,

  inverse: ({ groups, restore }, run) => [
    { kind: 'SwapSecurityGroups', network: restore, from: groups, run, purpose: 'revert' },
  ],

  /**
   * Groups that somebody else set stay, and end the revert. The former groups count only after our own revert, or some
   * time after the injection: a reading right after it may show the state before it.
   */
  isReverted({ groups, restore }, { run, seen, now }) {
    const network = seen.chaos?.network;
    if (!network?.ok || !network.value || same(network.value.securityGroups, groups)) return false;
    if (!same(network.value.securityGroups, restore.securityGroups)) return true;
    return run.removedAt !== undefined || run.injectedAt === undefined || now - run.injectedAt >= SETTLED_MS;
  },

  isEffective: receivesStopped,

  isStanding: ({ groups }, { seen }) =>
    seen.chaos?.network?.ok && seen.chaos.network.value ? hasGroups(seen.chaos, groups) : undefined,

  disturbed({ groups }, { run, seen }) {
    const network = seen.chaos?.network;
    if (run.phase !== 'active' || !network?.ok || !network.value || same(network.value.securityGroups, groups))
      return undefined;
    return `somebody set the security groups to ${network.value.securityGroups.join(', ')}`;
  },
});

function hasGroups(readings: ChaosReadings | undefined, groups: readonly string[]): boolean {
  const network = readings?.network;
  return network?.ok === true && network.value !== undefined && same(network.value.securityGroups, groups);
}
