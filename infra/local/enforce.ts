/** Identity policies of roles, enforced: what a role was not granted is refused as IAM refuses it. */
import { accessOf } from './access.ts';
import type { Home } from './ecs/arn.ts';
import type { FaultHook } from './faults.ts';
import { evaluate, type Statement } from './iam.ts';
import { AwsError } from './service.ts';

/** Statements by role name. A role that is not here, and the root user, may do everything. */
export type RolePolicies = Record<string, readonly Statement[]>;

/** For the `faults` of `startLocalAws`: decides each call of a role that has a policy. `now` in milliseconds. */
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
