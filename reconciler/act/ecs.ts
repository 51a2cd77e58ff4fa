import { StopTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { abortedBy } from '../aws/clients.ts';
import type { Writer } from './writer.ts';

/** The count alone: a taskDefinition in the call would need iam:PassRole, and could undo somebody's deployment. */
export const updateService: Writer<'UpdateService'> = (aws, { desiredCount }, { spec: { service } }, signal) =>
  aws.ecs.send(
    new UpdateServiceCommand({ cluster: service.cluster, service: service.name, desiredCount }),
    abortedBy(signal),
  );

/** The network configuration alone. It starts a deployment: ECS cannot change the interfaces of running tasks. */
export const swapSecurityGroups: Writer<'SwapSecurityGroups'> = (aws, { network }, { spec: { service } }, signal) =>
  aws.ecs.send(
    new UpdateServiceCommand({
      cluster: service.cluster,
      service: service.name,
      networkConfiguration: { awsvpcConfiguration: network },
    }),
    abortedBy(signal),
  );

/** ECS keeps 255 characters of a reason. */
const REASON_LENGTH = 255;

export const stopTask: Writer<'StopTask'> = (aws, { taskArn, reason }, { spec: { service } }, signal) =>
  aws.ecs.send(
    new StopTaskCommand({ cluster: service.cluster, task: taskArn, reason: reason.slice(0, REASON_LENGTH) }),
    abortedBy(signal),
  );
