/**
 * Derives from one API call the questions that IAM answers: action, resource and condition keys.
 *
 * Source: Service Authorization Reference of SQS, ECS, Systems Manager and CloudWatch. Calls that are not in the tables
 * are asked about as `service:Operation` on `*`, which an identity policy grants only with a lone star.
 */
import { clusterArn, type Home, serviceArn, shortName } from './ecs/arn.ts';
import type { RequestKeys } from './iam-condition.ts';
import { isObject, object, objects, text, texts } from './input.ts';
import type { Input } from './service.ts';

export interface Asked {
  /** The IAM action. It never ends in `Batch`: a batch asks for its single action, e.g. `sqs:DeleteMessage`. */
  action: string;
  resourceArn: string;
  keys: RequestKeys;
}

/** Returns one question for each resource that the call touches. IAM must allow all of them. */
export function accessOf(service: string, operation: string, input: Input, home: Home): Asked[] {
  const action = `${service}:${service === 'sqs' ? operation.replace(/Batch$/, '') : operation}`;
  const about = (resourceArn: string, keys: RequestKeys = {}): Asked => ({ action, resourceArn, keys });
  switch (service) {
    case 'sqs':
      return [about(queueArn(input, home))];
    case 'ecs':
      return ecs(operation, input, home).map((arn) => about(arn, ecsKeys(operation, input, home)));
    case 'ssm':
      return parameters(operation, input, home).map((arn) => about(arn, ssmKeys(operation, input)));
    case 'cloudwatch':
      return alarms(input, operation, home).map((arn) => about(arn));
    case 'dynamodb':
      return [about(tableArn(input, home))];
    case 'sts':
      // GetCallerIdentity needs no permission.
      return [];
    default:
      return [about('*')];
  }
}

function queueArn(input: Input, { region, accountId }: Home): string {
  const name = text(input, 'QueueName') ?? shortName(text(input, 'QueueUrl') ?? '');
  return `arn:aws:sqs:${region}:${accountId}:${name === '' ? '*' : name}`;
}

function tableArn(input: Input, { region, accountId }: Home): string {
  const name = text(input, 'TableName');
  return name === undefined ? '*' : `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
}

const clusterOf = (input: Input): string => shortName(text(input, 'cluster') ?? 'default');

/**
 * Returns the ARNs that an ECS call touches. ListTasks has no task or service as a resource: its cluster is a condition.
 * Source: Service Authorization Reference, "Actions defined by Amazon ECS".
 */
function ecs(operation: string, input: Input, home: Home): string[] {
  const cluster = clusterOf(input);
  const ofService = (name: string): string => (name.startsWith('arn:') ? name : serviceArn(home, cluster, name));
  const ofTask = (id: string): string =>
    id.startsWith('arn:') ? id : `arn:aws:ecs:${home.region}:${home.accountId}:task/${cluster}/${id}`;
  if (operation === 'DescribeServices') return (texts(input, 'services') ?? []).map(ofService);
  if (operation === 'UpdateService' || operation === 'DeleteService') return [ofService(text(input, 'service') ?? '')];
  if (operation === 'CreateService') return [ofService(text(input, 'serviceName') ?? '')];
  if (operation === 'StopTask') return [ofTask(text(input, 'task') ?? '')];
  if (['DescribeTasks', 'UpdateTaskProtection', 'GetTaskProtection'].includes(operation))
    return (texts(input, 'tasks') ?? []).map(ofTask);
  return ['*'];
}

/**
 * Returns the ECS condition keys of a request. A key is absent if the request omits its member: `Null` conditions test
 * that.
 */
function ecsKeys(operation: string, input: Input, home: Home): RequestKeys {
  const keys: RequestKeys = {};
  if (!/TaskDefinition/.test(operation)) {
    const cluster = text(input, 'cluster') ?? 'default';
    keys['ecs:cluster'] = cluster.startsWith('arn:') ? cluster : clusterArn(home, cluster);
  }
  const definition = text(input, 'taskDefinition');
  if (definition !== undefined && operation !== 'DescribeTaskDefinition') keys['ecs:task-definition'] = definition;
  const providers = objects(input, 'capacityProviderStrategy');
  if (providers) keys['ecs:capacity-provider'] = providers.map((each) => text(each, 'capacityProvider') ?? '');
  if (input.enableExecuteCommand !== undefined) keys['ecs:enable-execute-command'] = String(input.enableExecuteCommand);
  const network = object(object(input, 'networkConfiguration') ?? {}, 'awsvpcConfiguration');
  if (network) {
    keys['ecs:subnet'] = texts(network, 'subnets') ?? [];
    const assign = text(network, 'assignPublicIp');
    if (assign !== undefined) keys['ecs:auto-assign-public-ip'] = String(assign === 'ENABLED');
  }
  return keys;
}

function parameters(operation: string, input: Input, { region, accountId }: Home): string[] {
  const arn = (name: string): string => {
    if (name.startsWith('arn:')) return name;
    // A selector (`name:3`, `name:label`) is no part of the resource.
    const plain = name.replace(/:[^:]*$/, '');
    return `arn:aws:ssm:${region}:${accountId}:parameter${plain.startsWith('/') ? '' : '/'}${plain}`;
  };
  if (operation === 'GetParametersByPath') return [arn(text(input, 'Path') ?? '')];
  const names = texts(input, 'Names');
  if (names) return names.map(arn);
  const name = text(input, 'Name');
  return name === undefined ? ['*'] : [arn(name)];
}

function ssmKeys(operation: string, input: Input): RequestKeys {
  if (operation === 'GetParametersByPath') return { 'ssm:Recursive': String(input.Recursive ?? false) };
  if (operation === 'PutParameter') return { 'ssm:Overwrite': String(input.Overwrite ?? false) };
  return {};
}

/**
 * Returns the alarms that a CloudWatch call touches, `alarm:*` if it names none, and `*` for metrics, which have no
 * ARN.
 */
function alarms(input: Input, operation: string, { region, accountId }: Home): string[] {
  if (!/Alarm/.test(operation)) return ['*'];
  const arn = (name: string): string => `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;
  const names = isObject(input) ? texts(input, 'AlarmNames') : undefined;
  const one = text(input, 'AlarmName');
  if (one !== undefined) return [arn(one)];
  return names && names.length > 0 ? names.map(arn) : [arn('*')];
}
