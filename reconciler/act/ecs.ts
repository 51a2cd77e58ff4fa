import { StopTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import type { Action, ActionResult } from '../../policies/action.ts';
import type { WorkerPolicy } from '../../policies/document.ts';
import type { Aws } from '../aws/client.ts';
import { classify } from '../aws/errors.ts';

type Writer<K extends Action['kind']> = (
  aws: Aws,
  action: Extract<Action, { kind: K }>,
  policy: WorkerPolicy,
  signal?: AbortSignal,
) => Promise<unknown>;

/** The count alone: a taskDefinition in the call would need iam:PassRole, and could undo somebody's deployment. */
const updateService: Writer<'UpdateService'> = (aws, { desiredCount }, { spec: { service } }, signal) =>
  aws.call(
    'ecs',
    'ecs:UpdateService',
    new UpdateServiceCommand({ cluster: service.cluster, service: service.name, desiredCount }),
    signal,
  );

const stopTask: Writer<'StopTask'> = (aws, { taskArn, reason }, { spec: { service } }, signal) =>
  aws.call(
    'ecs',
    'ecs:StopTask',
    new StopTaskCommand({ cluster: service.cluster, task: taskArn, reason: reason.slice(0, 255) }),
    signal,
  );

const writers: { [K in Action['kind']]: Writer<K> } = { UpdateService: updateService, StopTask: stopTask };

/** Makes one write. What AWS refuses is a result with its code and what to do about it. */
export async function carryOut(
  aws: Aws,
  action: Action,
  policy: WorkerPolicy,
  signal?: AbortSignal,
): Promise<ActionResult> {
  try {
    await (writers[action.kind] as Writer<Action['kind']>)(aws, action as never, policy, signal);
    return { action, outcome: 'applied' };
  } catch (error) {
    const { code, message, hint } = classify(error, `ecs:${action.kind}`);
    return { action, outcome: 'failed', code, message, ...(hint ? { hint } : {}) };
  }
}
