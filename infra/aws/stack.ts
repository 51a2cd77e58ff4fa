/** Makes the resources of a stack and connects them. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { WatchedQueue } from './blueprint/alarms.ts';
import { dashboardBody } from './blueprint/dashboard.ts';
import { reconcilerPermissions } from './blueprint/permissions/reconciler.ts';
import { executionPermissions, workerPermissions } from './blueprint/permissions/tasks.ts';
import { type Permission, policyDocument } from './blueprint/policy-document.ts';
import type { Home } from './blueprint/reach.ts';
import { Alarms } from './components/alarms.ts';
import { Demo } from './components/demo.ts';
import { Network } from './components/network.ts';
import { type PolicyParameter, policyParameter } from './components/parameters.ts';
import { Reconciler } from './components/reconciler.ts';
import { TaskRole } from './components/role.ts';
import { WakeUp } from './components/wake-up.ts';
import type { StackConfig } from './config.ts';
import { demoNames, namedPolicies, scopeOf } from './scope.ts';

/** Makes every resource of a stack. `token` is the bearer token of API writes. Without it, the API refuses writes. */
export function stack(name: string, config: StackConfig, token: pulumi.Output<string> | undefined) {
  const { image, architecture, logRetentionDays: retentionInDays, metricsNamespace: namespace } = config;
  const home: pulumi.Output<Home> = pulumi
    .all([aws.getPartitionOutput(), aws.getRegionOutput(), aws.getCallerIdentityOutput()])
    .apply(([{ partition }, { region }, { accountId }]) => ({ partition, region, accountId }));
  const region = home.apply((h) => h.region);
  const accountId = home.apply((h) => h.accountId);

  const network = new Network(name, { existing: config.network });
  const clusterName = config.cluster ?? name;
  const clusterArn = config.cluster
    ? pulumi.interpolate`arn:${home.apply((h) => h.partition)}:ecs:${region}:${accountId}:cluster/${config.cluster}`
    : new aws.ecs.Cluster(name, { name, settings: [{ name: 'containerInsights', value: 'disabled' }] }).arn;
  const logGroupName = `/sluice/${name}`;
  const logGroup = new aws.cloudwatch.LogGroup(name, { name: logGroupName, retentionInDays });

  const policies: PolicyParameter[] = namedPolicies(name, clusterName, config);
  const parameters = policies.map((p) => policyParameter(config.prefix, p, {}));
  const queues: WatchedQueue[] = policies.map(({ name: policy, queue }) => ({ policy, queue }));

  const tokenName = `/sluice/${name}/token`;
  const tokenParameter =
    token && new aws.ssm.Parameter('token', { name: tokenName, type: 'SecureString', value: token });
  const wakeUp = config.wakeUp
    ? new WakeUp(`${name}-changes`, { prefixes: [config.prefix, config.requestsPrefix] })
    : undefined;

  const subnets = pulumi.all(network.subnetIds);
  const permissions = pulumi
    .all([home, subnets])
    .apply(([h, ids]) => reconcilerPermissions(scopeOf(name, clusterName, config, h, ids)));
  const execution = (secretParameters: string[]) =>
    home.apply((h) =>
      executionPermissions(h, {
        logGroup: logGroupName,
        secretParameters,
        ...(config.repositoryArn ? { repositoryArn: config.repositoryArn } : {}),
      }),
    );
  const role = (short: string, description: string, list: pulumi.Input<Permission[]>) =>
    new TaskRole(`${name}-${short}`, { description, permissions: list, accountId });
  const taskRole = role('reconciler', 'What the Sluice reconciler may do', permissions);
  const executionRole = role('execution', 'Starts the reconciler', execution(token ? [tokenName] : []));

  const reconciler = new Reconciler(name, {
    image,
    architecture,
    cpu: config.cpu,
    memory: config.memory,
    region,
    clusterArn,
    network,
    taskRole,
    executionRole,
    logGroup: logGroup.name,
    environment: {
      SLUICE_PREFIX: config.prefix,
      SLUICE_STATUS_PREFIX: config.statusPrefix,
      SLUICE_REQUESTS_PREFIX: config.requestsPrefix,
      SLUICE_LOG_LEVEL: config.logLevel,
      SLUICE_EMF: namespace,
      ...(wakeUp ? { SLUICE_WAKE_QUEUE: wakeUp.queue.url } : {}),
      ...(config.endpoint ? { AWS_ENDPOINT_URL: config.endpoint } : {}),
    },
    secrets: tokenParameter ? { SLUICE_TOKEN: tokenParameter.arn } : {},
    waitForSteadyState: config.waitForSteadyState,
  });

  const { queueName, deadLetters: deadLettersName, flag } = demoNames(name, config);
  const demo = config.demo
    ? new Demo(`${name}-demo`, {
        image,
        architecture,
        region,
        clusterArn,
        network,
        taskRole: role(
          'worker',
          'What the demo workers may do',
          home.apply((h) =>
            workerPermissions(h, { queue: queueName, cluster: clusterName, ...(flag ? { flag } : {}) }),
          ),
        ),
        executionRole: role('worker-execution', 'Starts the demo workers', execution([])),
        logGroup: logGroup.name,
        queueName,
        deadLettersName,
        desiredCount: config.demo.minWorkers,
        ...(flag ? { flag } : {}),
      })
    : undefined;

  const alarms = new Alarms(name, {
    logGroup: logGroup.name,
    namespace,
    queues,
    oldestAge: config.oldestAgeAlarm,
    emails: config.alarmEmails,
  });
  const dashboard = new aws.cloudwatch.Dashboard(name, {
    dashboardName: name,
    dashboardBody: region.apply((r) =>
      JSON.stringify(dashboardBody({ region: r, namespace, queues, logGroup: logGroupName })),
    ),
  });
  return {
    service: reconciler.service.name,
    cluster: clusterArn,
    logGroup: logGroup.name,
    dashboard: dashboard.dashboardName,
    alarmTopic: alarms.topicArn,
    queue: demo ? demo.queue.url : 'none: there is no demo',
    policies: parameters.map((p) => p.name),
    policyDocument: permissions.apply((list) => JSON.stringify(policyDocument(list))),
  };
}
