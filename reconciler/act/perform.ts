import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action, ActionResult } from '../../policies/model/action.ts';
import type { Clients } from '../aws/clients.ts';
import { classify } from '../aws/errors.ts';
import { stopTask, swapSecurityGroups, updateService } from './ecs.ts';
import { allowQueue, denyQueue } from './sqs.ts';
import { setFlag } from './ssm.ts';
import type { Writer } from './writer.ts';

/** Each kind of action: how it is made, and the permission that it needs. */
const writers: { [K in Action['kind']]: { write: Writer<K>; permission: string } } = {
  UpdateService: { write: updateService, permission: 'ecs:UpdateService' },
  SwapSecurityGroups: { write: swapSecurityGroups, permission: 'ecs:UpdateService' },
  StopTask: { write: stopTask, permission: 'ecs:StopTask' },
  DenyQueue: { write: denyQueue, permission: 'sqs:SetQueueAttributes' },
  AllowQueue: { write: allowQueue, permission: 'sqs:SetQueueAttributes' },
  SetFlag: { write: setFlag, permission: 'ssm:PutParameter' },
};

/** Makes one write. What AWS refuses is a result with its code and what to do about it. */
export async function perform(
  aws: Clients,
  action: Action,
  policy: WorkerPolicy,
  signal?: AbortSignal,
): Promise<ActionResult> {
  const { write, permission } = writers[action.kind];
  try {
    await (write as Writer<Action['kind']>)(aws, action as never, policy, signal);
    return { action, outcome: 'applied' };
  } catch (error) {
    const { code, message, hint } = classify(error, permission);
    return { action, outcome: 'failed', code, message, ...(hint ? { hint } : {}) };
  }
}
