/** The resources of a stack, and how they hang together. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { WatchedQueue } from './blueprint/alarms.ts';
import { arnsOf, type Home, settle } from './blueprint/arns.ts';
import { dashboardBody } from './blueprint/dashboard.ts';
import { commandEnvironment, environmentOf } from './blueprint/names.ts';
import type { RolePolicies } from './blueprint/role-policies.ts';
import { Alarms } from './components/alarms.ts';
import { Demo } from './components/demo.ts';
import { leaseTable } from './components/lease-table.ts';
import { Network } from './components/network.ts';
import { policyParameter } from './components/parameters.ts';
import { Reconciler } from './components/reconciler.ts';
import { TaskRole } from './components/role.ts';
import { WakeUp } from './components/wake-up.ts';
import type { StackConfig } from './config.ts';
import { demoNames, type Names, namedPolicies, type Roles, withSubnets } from './scope.ts';

export interface StackArgs {
  names: Names;
  config: StackConfig;
  roles: Roles;
  /** The bearer token of API writes; without one there are no writes. */
  token: pulumi.Output<string> | undefined;
}

/** Makes every resource of a stack. */
export function stack({ names, config, roles, token }: StackArgs) {
  const { name, paths, namespace } = names;
  const { architecture, kmsKeyArn } = config;
  const home: pulumi.Output<Home> = pulumi
    .all([aws.getPartitionOutput(), aws.getRegionOutput(), aws.getCallerIdentityOutput()])
    .apply(([{ partition }, { region }, { accountId }]) => ({ partition, region, accountId }));
  const region = home.apply((h) => h.region);

  const network = new Network(name, { existing: config.network });
  const clusterArn = cluster(names, config, home);
  const logGroup = new aws.cloudwatch.LogGroup(name, {
    name: names.logGroup,
    retentionInDays: config.logRetentionDays,
    ...(kmsKeyArn === undefined ? {} : { kmsKeyId: kmsKeyArn }),
  });
  const policies = namedPolicies(names, config);
  const parameters = policies.map((p) => policyParameter(paths.policies, p, {}));
  const queues: WatchedQueue[] = policies.map(({ name: policy, queue }) => ({ policy, queue }));
  const tokenParameter =
    token &&
    new aws.ssm.Parameter('token', {
      name: paths.token,
      type: 'SecureString',
      value: token,
      ...(kmsKeyArn === undefined ? {} : { keyId: kmsKeyArn }),
    });
  const wakeUp = config.wakeUp
    ? new WakeUp(names.wakeQueue, { prefixes: [paths.policies, paths.requests] })
    : undefined;
  const leases = leaseTable(names.leaseTable);

  const place = (document: string): pulumi.Output<string> =>
    pulumi.all([home, pulumi.all(network.subnetIds)]).apply(([h, ids]) => withSubnets(settle(document, h), ids));
  const role = (short: string, description: string, rolePolicies: RolePolicies): TaskRole =>
    new TaskRole(`${name}-${short}`, {
      description,
      policies: rolePolicies,
      settle: place,
      accountId: home.apply((h) => h.accountId),
      rolePath: config.rolePath,
      permissionsBoundary: config.permissionsBoundary,
    });
  const common = { image: config.image, architecture, region, clusterArn, network, logGroup: logGroup.name };
  const reconciler = new Reconciler(name, {
    ...common,
    count: config.reconcilers,
    cpu: config.cpu,
    memory: config.memory,
    taskRole: role('reconciler', 'The calls of the Sluice reconciler', roles.reconciler),
    executionRole: role('execution', 'Starts the Sluice reconciler', roles.execution),
    environment: pulumi.all([leases.name, pulumi.output(wakeUp?.queue.url)]).apply(([leaseTable, wakeQueue]) =>
      environmentOf({
        paths,
        logLevel: config.logLevel,
        namespace,
        leaseTable,
        policyMetrics: config.policyMetrics,
        wakeQueue,
        endpoint: config.endpoint,
      }),
    ),
    secrets: tokenParameter ? { SLUICE_TOKEN: tokenParameter.arn } : {},
    waitForSteadyState: config.waitForSteadyState,
  });
  const { queueName, deadLetters: deadLettersName, flag } = demoNames(names, config);
  const demo =
    config.demo &&
    new Demo(`${name}-demo`, {
      ...common,
      taskRole: role('worker', 'The calls of the demo workers', roles.worker),
      executionRole: role('worker-execution', 'Starts the demo workers', roles.workerExecution),
      queueName,
      deadLettersName,
      desiredCount: config.demo.minWorkers,
      ...(flag ? { flag } : {}),
    });
  const alarms = new Alarms(name, {
    logGroup: logGroup.name,
    namespace,
    reconcilers: config.reconcilers,
    queues,
    oldestAge: config.oldestAgeAlarm,
    emails: config.alarmEmails,
    kmsKeyArn,
  });
  if (config.dashboard)
    new aws.cloudwatch.Dashboard(name, {
      dashboardName: name,
      dashboardBody: region.apply((r) =>
        JSON.stringify(dashboardBody({ region: r, namespace, queues, logGroup: names.logGroup })),
      ),
    });
  return {
    service: reconciler.service.name,
    cluster: clusterArn,
    running: reconciler.running,
    logGroup: logGroup.name,
    alarmTopic: alarms.topicArn,
    securityGroup: network.securityGroupId,
    taskRoleArn: reconciler.taskRole.arn,
    executionRoleArn: reconciler.executionRole.arn,
    queue: demo ? demo.queue.url : 'none: the stack has no demo',
    policies: parameters.map((p) => p.name),
    /** The settings of commands such as `sluice status`, for a shell: `eval "$(pulumi stack output environment)"`. */
    environment: Object.entries(commandEnvironment(paths))
      .map(([variable, value]) => `export ${variable}=${value}`)
      .join('\n'),
    policyDocuments: roles.reconciler.documents.map(place),
  };
}

/** Returns the ARN of the cluster: the one that is there, or one that the stack makes. */
function cluster(names: Names, config: StackConfig, home: pulumi.Output<Home>): pulumi.Output<string> {
  const { cluster: existing } = config;
  if (existing !== undefined) return home.apply((h) => arnsOf(h).cluster(existing));
  // An account that never used ECS lacks this role. ECS makes it with the first cluster, and may then find it too late.
  const ownRole = config.serviceLinkedRole
    ? [
        new aws.iam.ServiceLinkedRole(
          'ecs',
          { awsServiceName: 'ecs.amazonaws.com' },
          // Everything else on ECS in the account works with it too.
          { retainOnDelete: true },
        ),
      ]
    : [];
  return new aws.ecs.Cluster(
    names.name,
    { name: names.cluster, settings: [{ name: 'containerInsights', value: 'disabled' }] },
    { dependsOn: ownRole },
  ).arn;
}
