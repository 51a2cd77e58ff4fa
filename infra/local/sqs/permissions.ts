/** Enforces queue policies, and edits them for AddPermission and RemovePermission. */
import { evaluate } from '../iam.ts';
import { text, texts } from '../input.ts';
import type { Input, Principal } from '../service.ts';
import { accessDenied, invalidParameter, invalidValue, missingParameter, overLimit } from './errors.ts';
import type { Queue } from './queue.ts';

/** Returns the IAM action of an operation. IAM has no batch actions: a batch needs the right to its single action. */
const iamAction = (action: string): string => `sqs:${action.replace(/Batch$/, '')}`;

/**
 * Refuses a call that the queue's policy denies. All principals here belong to the queue's account, whose identity
 * policies allow everything, so only an explicit Deny counts.
 * @throws AwsError AccessDenied
 */
export function authorize(queue: Queue, action: string, principal: Principal, now: number): void {
  if (queue.statements.length === 0) return;
  const request = { principal, action: iamAction(action), resourceArn: queue.arn, now };
  if (evaluate(queue.statements, request).decision === 'deny')
    throw accessDenied(principal.arn, request.action.toLowerCase(), queue.arn);
}

/** Actions that AddPermission may grant. Source: SQS API Reference, AddPermission. */
const GRANTABLE = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);

interface PolicyDocument {
  Version: string;
  Id?: string;
  Statement: Record<string, unknown>[];
}

function documentOf(queue: Queue): PolicyDocument {
  if (!queue.attributes.Policy) return { Version: '2012-10-17', Id: `${queue.arn}/SQSDefaultPolicy`, Statement: [] };
  const document = JSON.parse(queue.attributes.Policy);
  return { ...document, Statement: [document.Statement].flat() };
}

/** Returns the text of the policy with one more Allow statement. */
export function withPermission(queue: Queue, input: Input): string {
  const label = text(input, 'Label');
  const accounts = texts(input, 'AWSAccountIds') ?? [];
  const actions = texts(input, 'Actions') ?? [];
  if (!label) throw missingParameter('Label');
  if (accounts.length === 0) throw missingParameter('AWSAccountIds');
  if (actions.length === 0) throw missingParameter('Actions');
  if (!/^[\w-]{1,80}$/.test(label))
    throw invalidValue(label, 'Label', 'Must be 1 to 80 alphanumeric characters, hyphens or underscores.');
  const badAction = actions.find((action) => !GRANTABLE.has(action));
  if (badAction !== undefined)
    throw invalidParameter(
      `Value SQS:${badAction} for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions.`,
    );
  if (actions.length > 7) throw overLimit(`${actions.length} Actions were found, maximum allowed is 7.`);
  const badAccount = accounts.find((account) => !/^\d{12}$/.test(account));
  if (badAccount !== undefined) throw invalidValue(`[${badAccount}]`, 'PrincipalId', 'Unable to verify.');
  const document = documentOf(queue);
  if (document.Statement.some((statement) => statement.Sid === label))
    throw invalidValue(label, 'Label', 'Already exists.');
  const one = <T>(items: T[]): T | T[] => (items.length === 1 && items[0] !== undefined ? items[0] : items);
  document.Statement.push({
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: one(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: one(actions.map((action) => `SQS:${action}`)),
    Resource: queue.arn,
  });
  return JSON.stringify(document);
}

/** Returns the text of the policy without the statement of a label; empty if no statement is left. */
export function withoutPermission(queue: Queue, input: Input): string {
  const label = text(input, 'Label');
  if (!label) throw missingParameter('Label');
  const document = documentOf(queue);
  const rest = document.Statement.filter((statement) => statement.Sid !== label);
  if (rest.length === document.Statement.length)
    throw invalidValue(label, 'Label', "can't find label on existing policy.");
  return rest.length === 0 ? '' : JSON.stringify({ ...document, Statement: rest });
}
