import { DescribeServicesCommand, StopTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { networkOf, serviceIn, updatedService } from '../aws/border/ecs.ts';
import { abortedBy } from '../aws/clients.ts';
import { namedError } from '../aws/errors.ts';
import { beforeEachAttempt } from '../aws/middleware.ts';
import { mustBeFresh } from './evidence.ts';
import type { Writer } from './writer.ts';

/**
 * Sets the count alone: a taskDefinition in the call would need iam:PassRole, and could undo somebody's deployment. The count
 * is lowered only on fresh evidence.
 */
export const updateService: Writer<'UpdateService'> = async (aws, { desiredCount, from, purpose }, context) => {
  const { service } = context.policy.spec;
  const command = new UpdateServiceCommand({ cluster: service.cluster, service: service.name, desiredCount });
  if (desiredCount < from && purpose !== 'revert')
    beforeEachAttempt(command.middlewareStack, () => mustBeFresh(context));
  const updated = updatedService(await aws.ecs.send(command, abortedBy(context.signal)), service.name);
  updated.get('desiredCount').exactly(desiredCount);
};

/**
 * Sets the network configuration alone. It is written whole, so it is read first, and only the security groups in it are
 * changed. The write starts a deployment: ECS cannot change the interfaces of running tasks. Groups that somebody else has
 * set meanwhile stay: an injection then fails, and a revert has nothing to take back.
 */
export const swapSecurityGroups: Writer<'SwapSecurityGroups'> = async (aws, { network, from, purpose }, context) => {
  const { cluster, name: service } = context.policy.spec.service;
  const options = abortedBy(context.signal);
  const described = await aws.ecs.send(new DescribeServicesCommand({ cluster, services: [service] }), options);
  const present = networkOf(serviceIn(described, cluster, service));
  if (!present) throw namedError('ChangedMeanwhile', `service ${service} has no network configuration any more`);
  const { securityGroups } = network;
  const isForeign = !same(present.securityGroups, from) && !same(present.securityGroups, securityGroups);
  if (isForeign && purpose === 'revert') return;
  if (isForeign)
    throw namedError(
      'ChangedMeanwhile',
      `the security groups are ${present.securityGroups.join(', ')}, no longer ${from.join(', ')}; nothing was written`,
    );
  const networkConfiguration = { awsvpcConfiguration: { ...present, securityGroups } };
  const command = new UpdateServiceCommand({ cluster, service, networkConfiguration });
  updatedService(await aws.ecs.send(command, options), service);
};

const same = (a: readonly string[], b: readonly string[]): boolean => [...a].sort().join() === [...b].sort().join();

/** ECS keeps 255 characters of a reason. */
const REASON_LENGTH = 255;

/** Stops one task. */
export const stopTask: Writer<'StopTask'> = (aws, { taskArn, reason }, { policy, signal }) => {
  const { cluster } = policy.spec.service;
  const command = new StopTaskCommand({ cluster, task: taskArn, reason: reason.slice(0, REASON_LENGTH) });
  return aws.ecs.send(command, abortedBy(signal));
};
