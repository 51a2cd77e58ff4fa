import * as aws from '@pulumi/aws';
import { LEASE_TABLE } from '../blueprint/lease-table.ts';

/** Makes the table that holds the lease. It outlives the stack: AWS refuses to delete a table that is protected. */
export function leaseTable(name: string): aws.dynamodb.Table {
  return new aws.dynamodb.Table(
    name,
    {
      name,
      billingMode: LEASE_TABLE.billingMode,
      hashKey: LEASE_TABLE.key,
      attributes: [{ name: LEASE_TABLE.key, type: 'S' }],
      deletionProtectionEnabled: LEASE_TABLE.deletionProtection,
    },
    { retainOnDelete: true },
  );
}
