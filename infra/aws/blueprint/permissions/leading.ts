/** The calls by which one reconciler of several leads. */
import { arnsOf } from '../arns.ts';
import type { Permission } from '../permission.ts';
import type { Scope } from './scope.ts';

const NOBODY =
  '`lease table not reached` is logged, and this reconciler stands by: if no other one leads, nothing scales';

export function leading({ leaseTable, ...home }: Scope): Permission[] {
  if (leaseTable === undefined) return [];
  const grant = (action: string, without: string): Permission => ({
    sid: 'HoldLease',
    action,
    resources: [arnsOf(home).table(leaseTable)],
    feature: 'lease',
    madeBy: 'reconciler/lead/lease-table.ts',
    without,
  });
  return [
    grant('dynamodb:GetItem', NOBODY),
    grant('dynamodb:PutItem', NOBODY),
    grant(
      'dynamodb:DeleteItem',
      'the lease is not given back at the end; a standby takes over after 15 s instead of 2 s',
    ),
  ];
}
