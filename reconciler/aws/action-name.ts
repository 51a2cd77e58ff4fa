const SERVICES: Readonly<Record<string, string>> = {
  SQSClient: 'sqs',
  ECSClient: 'ecs',
  CloudWatchClient: 'cloudwatch',
  SSMClient: 'ssm',
  DynamoDBClient: 'dynamodb',
};

/** Operations that IAM knows by another name (its service authorization reference). */
const GRANTED_AS: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** Returns the IAM action of a command, such as `ecs:UpdateService` for the ECSClient's UpdateServiceCommand. */
export function actionName(clientName = '', commandName = ''): string {
  const operation = commandName.replace(/Command$/, '');
  return `${SERVICES[clientName] ?? clientName}:${GRANTED_AS[operation] ?? operation}`;
}

/** Returns whether an action changes nothing. Whatever is not known as a read counts as a write. */
export const isRead = (action: string): boolean => /:(Get|List|Describe|BatchGet)/.test(action);
