/** The reconciler's service, task definition and security group. */
import { CIRCUIT_BREAKER, FARGATE, ROLLING, reconcilerContainer } from '../blueprint/containers.ts';
import { environmentOf } from '../blueprint/names.ts';
import { EGRESS } from '../blueprint/network.ts';
import { LOG_GROUP, NAMESPACE, PATHS, REGION, STACK_NAME } from './names.ts';
import { attribute, capitalized, ref, substitute, type Value } from './substitute.ts';

export interface ServiceOptions {
  wakeUp: boolean;
  /** Logical names of what the service must wait for. */
  after: readonly string[];
}

export function service({ wakeUp, after }: ServiceOptions): Record<string, Value> {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation fills these in
  const container = reconcilerContainer({
    image: '${Image}',
    logGroup: LOG_GROUP,
    region: REGION,
    environment: environmentOf({
      paths: PATHS,
      logLevel: 'info',
      namespace: NAMESPACE,
      leaseTable: '${LeaseTable}',
      ...(wakeUp ? { wakeQueue: '${ChangesQueue}' } : {}),
    }),
    secrets: {},
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation fills these in
  const { secrets: _, ...withoutSecrets } = container;
  return {
    TaskSecurityGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: {
        GroupDescription: 'Sluice tasks: HTTPS to AWS and DNS, nothing in',
        VpcId: ref('VpcId'),
        SecurityGroupEgress: EGRESS.flatMap(({ protocol, port, cidrBlocks, description }) =>
          cidrBlocks.map((CidrIp) => ({
            IpProtocol: protocol,
            FromPort: port,
            ToPort: port,
            CidrIp,
            Description: description,
          })),
        ),
      },
    },
    TaskDefinition: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        Family: substitute(STACK_NAME),
        ...(capitalized(FARGATE) as Record<string, Value>),
        Cpu: ref('Cpu'),
        Memory: ref('Memory'),
        RuntimePlatform: { CpuArchitecture: ref('Architecture'), OperatingSystemFamily: 'LINUX' },
        TaskRoleArn: attribute('TaskRole', 'Arn'),
        ExecutionRoleArn: attribute('ExecutionRole', 'Arn'),
        ContainerDefinitions: [substitute(capitalized(withoutSecrets))],
      },
    },
    Service: {
      Type: 'AWS::ECS::Service',
      DependsOn: ['LogGroup', ...after],
      Properties: {
        ServiceName: substitute(STACK_NAME),
        Cluster: ref('Cluster'),
        TaskDefinition: ref('TaskDefinition'),
        LaunchType: 'FARGATE',
        DesiredCount: ref('Reconcilers'),
        DeploymentConfiguration: {
          MinimumHealthyPercent: ROLLING.minimumHealthyPercent,
          MaximumPercent: ROLLING.maximumPercent,
          DeploymentCircuitBreaker: { Enable: CIRCUIT_BREAKER.enable, Rollback: CIRCUIT_BREAKER.rollback },
        },
        AvailabilityZoneRebalancing: ROLLING.availabilityZoneRebalancing,
        NetworkConfiguration: {
          AwsvpcConfiguration: {
            Subnets: ref('SubnetIds'),
            SecurityGroups: [attribute('TaskSecurityGroup', 'GroupId')],
            AssignPublicIp: ref('AssignPublicIp'),
          },
        },
        EnableECSManagedTags: true,
        PropagateTags: 'SERVICE',
      },
    },
  };
}
