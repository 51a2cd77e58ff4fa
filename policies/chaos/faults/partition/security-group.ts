/**
 * New tasks get other security groups. ECS owns the network interfaces of running tasks, so the swap is a change of the
 * service that starts a deployment: tasks are replaced, cut off, and replaced again on the way back.
 */
import { formatDuration } from '../../../grammar/duration.ts';
import type { Instant, NetworkState } from '../../../model/observation.ts';
import type { Fault } from '../../fault.ts';
import type { PartitionSpec } from '../partition.ts';

export interface Swap {
  until: Instant;
  groups: string[];
  /** As it was, whole: UpdateService wants all of it. */
  restore: NetworkState;
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && [...a].sort().join() === [...b].sort().join();

export const securityGroup: Fault<PartitionSpec, Swap> = {
  requiredReadings: () => ({ network: true }),

  plan({ duration, securityGroups = [] }, { seen, now }) {
    const network = seen.chaos?.network;
    if (!network?.ok) return { refused: "the service's network configuration could not be read" };
    if (!network.value) return { refused: 'the service has no network configuration (it does not run in awsvpc mode)' };
    if (same(network.value.securityGroups, securityGroups))
      return { refused: `the service has the security groups ${securityGroups.join(', ')} already` };
    return {
      injection: { until: now + duration, groups: securityGroups, restore: network.value },
      summary: `give tasks the security groups ${securityGroups.join(', ')} for ${formatDuration(duration)}`,
    };
  },

  inject: ({ groups, restore }, { run }) =>
    run.injectedAt === undefined
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
  isInPlace: ({ groups }, { seen }) => has(seen.chaos?.network, groups),
  isOver: ({ until }, { now }) => now >= until,

  revert({ groups, restore }, { run, seen }) {
    const gone = has(seen.chaos?.network, restore.securityGroups);
    if (gone) return { actions: [], gone };
    return {
      actions: [{ kind: 'SwapSecurityGroups', network: restore, from: groups, run: run.id, purpose: 'revert' }],
      gone,
    };
  },

  isEffective: () => false,

  disturbed({ groups }, { run, seen }) {
    const network = seen.chaos?.network;
    if (run.phase !== 'active' || !network?.ok || !network.value || same(network.value.securityGroups, groups))
      return undefined;
    return `somebody set the security groups to ${network.value.securityGroups.join(', ')}`;
  },
};

const has = (
  reading: { ok: boolean; value?: NetworkState | undefined } | undefined,
  groups: readonly string[],
): boolean => reading?.ok === true && reading.value !== undefined && same(reading.value.securityGroups, groups);
