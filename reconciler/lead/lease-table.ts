/** The DynamoDB table that holds the leases: one item for each prefix. */
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { Answer } from '../aws/border/answer.ts';
import type { ClientSettings } from '../aws/clients.ts';
import { classify } from '../aws/errors.ts';
import type { LeaseItem } from './lease.ts';

/** Every method rejects with what AWS threw, or with IncompleteAnswer. */
export interface LeaseTable {
  /** Returns the item as it is after every write that was acknowledged; undefined when there is none. */
  read(): Promise<LeaseItem | undefined>;
  /** Writes the item if the table holds the nonce `expected`, or no item where it is undefined. Returns whether it did. */
  write(item: LeaseItem, expected: string | undefined): Promise<boolean>;
  /** Removes the item if it has the nonce `expected`. Returns whether it did. */
  remove(expected: string): Promise<boolean>;
  destroy(): void;
}

/** The name of the partition key, a string. Its value is the prefix. */
export const LEASE_KEY = 'prefix';
/** A lost call is noticed in time for several more within one lease. Milliseconds. */
const CONNECTION_TIMEOUT_MS = 1_000;
const REQUEST_TIMEOUT_MS = 2_000;

/** Returns the lease of a prefix in a table. Each call is made once: the lease itself decides what follows a failure. */
export function leaseTable(settings: ClientSettings, table: string, prefix: string): LeaseTable {
  const client = new DynamoDBClient({
    ...(settings.region ? { region: settings.region } : {}),
    ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
    ...(settings.credentials ? { credentials: settings.credentials } : {}),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  });
  const TableName = table;
  const Key = { [LEASE_KEY]: { S: prefix } };
  const has = (nonce: string | undefined) =>
    nonce === undefined
      ? { ConditionExpression: 'attribute_not_exists(#k)', ExpressionAttributeNames: { '#k': LEASE_KEY } }
      : {
          ConditionExpression: '#n = :n',
          ExpressionAttributeNames: { '#n': 'nonce' },
          ExpressionAttributeValues: { ':n': { S: nonce } },
        };
  return {
    async read() {
      const output = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
      return itemIn(output);
    },
    write: ({ since, lasts, ...texts }, expected) => {
      const fields = Object.entries(texts).map(([name, text]) => [name, { S: text }] as const);
      const Item = {
        ...{ ...Key, ...Object.fromEntries(fields) },
        ...{ since: { N: String(since) }, lasts: { N: String(lasts) } },
      };
      return unlessRefused(client.send(new PutItemCommand({ TableName, Item, ...has(expected) })));
    },
    remove: (expected) => unlessRefused(client.send(new DeleteItemCommand({ TableName, Key, ...has(expected) }))),
    destroy: () => client.destroy(),
  };
}

async function unlessRefused(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (classify(error, 'dynamodb:PutItem').code === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

/** Returns the item of an answer. An answer without one says that there is none: GetItem has no other word for it. */
function itemIn(output: unknown): LeaseItem | undefined {
  const item = new Answer('dynamodb:GetItem', output).get('Item');
  if (!item.ifPresent) return undefined;
  const text = (name: string): string => item.get(name).get('S').text();
  const number = (name: string): number =>
    Number(
      item
        .get(name)
        .get('N')
        .matching(/^\d{1,15}$/, 'a whole number'),
    );
  return {
    ...{ id: text('id'), session: text('session'), version: text('version'), nonce: text('nonce') },
    ...{ since: number('since'), lasts: Math.min(LONGEST_MS, Math.max(SHORTEST_MS, number('lasts'))) },
  };
}

/** The shortest and the longest lease, in milliseconds. */
export const SHORTEST_MS = 3_000;
const LONGEST_MS = 600_000;
