/** The ARNs of one account and Region, made from names. */

/** Where ARNs are. */
export interface Home {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
  /** Twelve digits. */
  accountId: string;
}

/** One ECS service by name. `*` may end either name, where policies are written after the stack is up. */
export interface ServiceName {
  cluster: string;
  service: string;
}

/**
 * CloudFormation's own names for an account and Region that are not known yet. Each is at least as long as any value
 * that it stands for, so a size that is measured with them is never too small.
 */
export const SOMEWHERE: Home = {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation fills these in
  partition: '${AWS::Partition}',
  region: '${AWS::Region}',
  accountId: '${AWS::AccountId}',
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation fills these in
};

/** Returns functions that turn names into ARNs of this account and Region. */
export function arnsOf({ partition, region, accountId }: Home) {
  const of = (service: string, rest: string): string => `arn:${partition}:${service}:${region}:${accountId}:${rest}`;
  return {
    queue: (name: string): string => of('sqs', name),
    table: (name: string): string => of('dynamodb', `table/${name}`),
    cluster: (name: string): string => of('ecs', `cluster/${name}`),
    service: ({ cluster, service }: ServiceName): string => of('ecs', `service/${cluster}/${service}`),
    tasks: (cluster: string): string => of('ecs', `task/${cluster}/*`),
    /** Without its leading slash doubled: `/a/b` is `parameter/a/b`. */
    parameter: (name: string): string => of('ssm', `parameter${name}`),
    logStreams: (group: string): string => of('logs', `log-group:${group}:log-stream:*`),
    alarms: (name: string): string => of('cloudwatch', `alarm:${name}`),
    /** Roles have no Region. */
    role: (name: string): string => `arn:${partition}:iam::${accountId}:role/${name}`,
  };
}

/** Returns the text with a real account and Region in the places of `SOMEWHERE`. */
export function settle(text: string, { partition, region, accountId }: Home): string {
  return text
    .replaceAll(SOMEWHERE.partition, partition)
    .replaceAll(SOMEWHERE.region, region)
    .replaceAll(SOMEWHERE.accountId, accountId);
}
