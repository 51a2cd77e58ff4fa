/** Makes SQS's errors. Each has its shape's name and the older code of the query protocol, which SQS still sends. */
import { AwsError } from '../service.ts';

const OLD_PREFIX = 'AWS.SimpleQueueService.';

/** Makes an error whose query code is `AWS.SimpleQueueService.` and the shape's name. Source: the SQS service model. */
const prefixed = (code: string, message: string): AwsError =>
  new AwsError(code, message, { queryCode: OLD_PREFIX + code });

export const queueDoesNotExist = (): AwsError =>
  new AwsError('QueueDoesNotExist', 'The specified queue does not exist.', {
    queryCode: `${OLD_PREFIX}NonExistentQueue`,
  });

export const queueNameExists = (attribute: string): AwsError =>
  new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
    { queryCode: 'QueueAlreadyExists' },
  );

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingRequiredParameterException', `The request must contain the parameter ${name}.`, {
    queryCode: 'MissingParameter',
  });

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, { queryCode: 'InvalidParameterValue' });

export const invalidValue = (value: unknown, name: string, reason: string): AwsError =>
  invalidParameter(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);

export const invalidAttributeName = (name: string): AwsError =>
  new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`);

export const invalidAttributeValue = (name: string, detail?: string): AwsError =>
  new AwsError(
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}.${detail ? ` Reason: ${detail}` : ''}`,
  );

export const receiptHandleIsInvalid = (handle: string): AwsError =>
  new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);

export const messageNotInflight = (): AwsError =>
  prefixed('MessageNotInflight', 'The specified message is not in flight.');

export const invalidMessageContents = (): AwsError =>
  new AwsError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | ' +
      '#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
  );

export const overLimit = (message: string): AwsError => new AwsError('OverLimit', message, { status: 403 });

export const purgeInProgress = (queueName: string): AwsError =>
  new AwsError('PurgeQueueInProgress', `Only one PurgeQueue operation on ${queueName} is allowed every 60 seconds.`, {
    queryCode: `${OLD_PREFIX}PurgeQueueInProgress`,
    status: 403,
  });

export const emptyBatch = (): AwsError =>
  prefixed('EmptyBatchRequest', 'There should be at least one entry in the request.');

export const tooManyEntries = (count: number): AwsError =>
  prefixed('TooManyEntriesInBatchRequest', `Maximum number of entries per request are 10. You have sent ${count}.`);

export const idsNotDistinct = (id: string): AwsError => prefixed('BatchEntryIdsNotDistinct', `Id ${id} repeated.`);

export const invalidBatchEntryId = (): AwsError =>
  prefixed(
    'InvalidBatchEntryId',
    'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
  );

export const batchTooLong = (limit: number, size: number): AwsError =>
  prefixed('BatchRequestTooLong', `Batch requests cannot be longer than ${limit} bytes. You have sent ${size} bytes.`);

export const unsupportedOperation = (message: string): AwsError => prefixed('UnsupportedOperation', message);

export const resourceNotFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message, { status: 404 });

/**
 * Makes the error of a call that a queue policy denies.
 * @param action as SQS writes it, in lower case: `sqs:sendmessage`
 */
export const accessDenied = (principalArn: string, action: string, queueArn: string): AwsError =>
  new AwsError(
    'AccessDeniedException',
    `User: ${principalArn} is not authorized to perform: ${action} on resource: ${queueArn} ` +
      'with an explicit deny in a resource-based policy',
    { queryCode: 'AccessDenied', status: 403 },
  );
