/** Enforces the identity policies of roles: it refuses as IAM does what a role was not granted. */
import { accessOf } from './access.ts';
import type { Home } from './ecs/arn.ts';
import type { FaultHook } from './faults.ts';
import { evaluate, type Statement } from './iam.ts';
import { AwsError } from './service.ts';

/** Statements by role name. The root user, and a role without an entry, may do everything. */
export type RolePolicies = Record<string, readonly Statement[]>;

/**
 * Returns a hook for the `faults` of `startLocalAws` that decides each call of a role with a policy. `now`:
 * milliseconds.
 */
export function enforce(policies: RolePolicies, home: Home, now: () => number = Date.now): FaultHook {
  return ({ service, action: operation, input, principal }) => {
    const role = /:role\/(?:.*\/)?([^/]+)$/.exec(principal.principalArn)?.[1];
    const statements = role !== undefined && Object.hasOwn(policies, role) ? policies[role] : undefined;
    if (!statements) return undefined;
    for (const { action, resourceArn, keys } of accessOf(service, operation, input, home)) {
      const { decision } = evaluate(statements, { principal, action, resourceArn, keys, now: now() });
      if (decision === 'allow') continue;
      const because =
        decision === 'deny'
          ? 'with an explicit deny in an identity-based policy'
          : `because no identity-based policy allows the ${action} action`;
      return new AwsError(
        'AccessDeniedException',
        `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resourceArn} ${because}`,
        // SQS and CloudWatch came from the query protocol, and say so with 403.
        service === 'sqs' || service === 'cloudwatch' ? { queryCode: 'AccessDenied', status: 403 } : {},
      );
    }
    return undefined;
  };
}
