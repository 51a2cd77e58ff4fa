/** The calls by which the reconciler learns of policies and requests, and keeps its status. */
import { arnsOf } from '../arns.ts';
import type { Condition, Permission } from '../permission.ts';
import type { Scope } from './scope.ts';

/**
 * Holds a listing to one folder. AWS documents the key with the value "true"; a request without the key passes, as a
 * listing that is not recursive may come without it.
 */
const NOT_RECURSIVE: Condition = { StringNotEquals: { 'ssm:Recursive': 'true' } };

export function watching({ prefix, statusPrefix, requestsPrefix, heartbeat, ...home }: Scope): Permission[] {
  const arn = arnsOf(home);
  const madeBy = 'reconciler/aws/parameters.ts';
  // AWS compares the path as it was sent; both spellings are the same folder.
  const folder = (path: string): string[] => [arn.parameter(path.replace(/\/$/, '')), arn.parameter(path)];
  const list = {
    action: 'ssm:GetParametersByPath',
    condition: NOT_RECURSIVE,
    madeBy,
  };
  const policies = [arn.parameter(`${prefix}*`)];
  const statuses = [arn.parameter(`${statusPrefix}*`)];
  return [
    {
      ...list,
      sid: 'ListPolicies',
      resources: folder(prefix),
      feature: 'policies',
      without: 'no policy is read: `/readyz` is 503 and `policies not read` is logged',
    },
    {
      ...list,
      sid: 'ListRequests',
      resources: folder(requestsPrefix),
      feature: 'experiments on demand',
      without: '`requests not read` is logged; `sluice chaos run` and `stop` have no effect',
    },
    {
      ...list,
      sid: 'ListStatuses',
      resources: folder(statusPrefix),
      feature: 'experiments of deleted policies',
      without:
        '`statuses not read` is logged at the start; Sluice does not revert a fault whose policy was deleted while no process ran',
    },
    {
      sid: 'ReadPolicies',
      action: 'ssm:GetParameter',
      resources: policies,
      feature: 'last good policy',
      madeBy,
      without: 'if the newest version is not valid at a restart, no older version comes into force',
    },
    {
      sid: 'ReadPolicies',
      action: 'ssm:GetParameterHistory',
      resources: policies,
      feature: 'versions on the page',
      madeBy,
      without: 'the page shows the version in force only, and names the action',
    },
    {
      sid: 'KeepStatus',
      action: 'ssm:GetParameter',
      resources: statuses,
      feature: 'resume after a restart',
      madeBy,
      without:
        '`status not read` is logged: the status is not written either, the first scale-down waits for a full cooldown, and no experiment starts',
    },
    {
      sid: 'KeepStatus',
      action: 'ssm:PutParameter',
      resources: statuses,
      feature: 'status',
      madeBy,
      without: '`status not written` is logged, scaling goes on, no experiment starts, a restart knows no cooldowns',
    },
    ...['ssm:GetParameter', 'ssm:PutParameter'].map((action) => ({
      sid: 'KeepHeartbeat',
      action,
      resources: [arn.parameter(heartbeat)],
      feature: 'heartbeat',
      madeBy,
      without:
        '`heartbeat not kept` is logged, scaling goes on; `sluice status` says NOT RUNNING or not known, and two reconcilers without a lease table do not notice each other',
    })),
  ];
}

/** The calls that read the queue of change events. */
export function waking({ wakeQueue, ...home }: Scope): Permission[] {
  if (wakeQueue === undefined) return [];
  return ['sqs:ReceiveMessage', 'sqs:DeleteMessage'].map((action) => ({
    sid: 'HearChanges',
    action,
    resources: [arnsOf(home).queue(wakeQueue)],
    feature: 'wake-up',
    madeBy: 'reconciler/watch/wake.ts',
    without: '`wake-up not read` is logged; an edit takes effect at the next poll instead of at once',
  }));
}
