import type { Action, ActionResult } from '../../policies/model/action.ts';
import type { Clients } from '../aws/clients.ts';
import { classify } from '../aws/errors.ts';
import { stopTask, swapSecurityGroups, updateService } from './ecs.ts';
import { allowQueue, denyQueue } from './sqs.ts';
import { setFlag } from './ssm.ts';
import type { WriteContext } from './writer.ts';

/** Makes one write and returns its result. What AWS refuses is a result too, with its code and what to do about it. */
export async function perform(aws: Clients, action: Action, context: WriteContext): Promise<ActionResult> {
  const { permission, write } = writerOf(aws, action, context);
  try {
    await write();
    return { action, outcome: 'applied' };
  } catch (error) {
    const { code, message, hint } = classify(error, permission);
    return { action, outcome: 'failed', code, message, ...(hint ? { hint } : {}) };
  }
}

interface Write {
  /** The permission that it needs. */
  permission: string;
  write: () => Promise<unknown>;
}

function writerOf(aws: Clients, action: Action, context: WriteContext): Write {
  switch (action.kind) {
    case 'UpdateService':
      return { permission: 'ecs:UpdateService', write: () => updateService(aws, action, context) };
    case 'SwapSecurityGroups':
      return { permission: 'ecs:UpdateService', write: () => swapSecurityGroups(aws, action, context) };
    case 'StopTask':
      return { permission: 'ecs:StopTask', write: () => stopTask(aws, action, context) };
    case 'DenyQueue':
      return { permission: 'sqs:SetQueueAttributes', write: () => denyQueue(aws, action, context) };
    case 'AllowQueue':
      return { permission: 'sqs:SetQueueAttributes', write: () => allowQueue(aws, action, context) };
    case 'SetFlag':
      return { permission: 'ssm:PutParameter', write: () => setFlag(aws, action, context) };
  }
}
