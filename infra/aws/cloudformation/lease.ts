/** The table that holds the lease. */
import { LEASE_TABLE } from '../blueprint/lease-table.ts';
import { LEASES } from './names.ts';
import { substitute, type Value } from './substitute.ts';

export function leasing(): Record<string, Value> {
  return {
    LeaseTable: {
      Type: 'AWS::DynamoDB::Table',
      // CloudFormation cannot delete a table that is protected; docs/without-pulumi.md says how to.
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: substitute(LEASES),
        BillingMode: LEASE_TABLE.billingMode,
        AttributeDefinitions: [{ AttributeName: LEASE_TABLE.key, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: LEASE_TABLE.key, KeyType: 'HASH' }],
        DeletionProtectionEnabled: LEASE_TABLE.deletionProtection,
      },
    },
  };
}
