/** The DynamoDB table by which one of the stack's reconcilers leads. */

/** Billed by the request. No backup: a lease is worth nothing once it is 15 s old. */
export const LEASE_TABLE = {
  billingMode: 'PAY_PER_REQUEST',
  /** The partition key, a string; it is that of reconciler/lead/lease-table.ts. */
  key: 'prefix',
  /** Without the table nobody leads, and nothing scales; so nobody deletes it by mistake. */
  deletionProtection: true,
} as const;
