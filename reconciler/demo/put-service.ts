import { CreateServiceCommand, DescribeServicesCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import type { Clients } from '../aws/clients.ts';

export interface ServiceWanted {
  cluster: string;
  service: string;
  taskDefinition: string;
  /** Tasks of a new service. An old one keeps its count. */
  desiredCount: number;
}

/** Creates an ECS service, or gives an existing one the task definition. */
export async function putService(ecs: Clients['ecs'], wanted: ServiceWanted): Promise<void> {
  const { cluster, service, taskDefinition, desiredCount } = wanted;
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  if (services.some((s) => s.status === 'ACTIVE'))
    await ecs.send(new UpdateServiceCommand({ cluster, service, taskDefinition }));
  else
    await ecs.send(
      new CreateServiceCommand({
        cluster,
        serviceName: service,
        taskDefinition,
        desiredCount,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-demo'], securityGroups: ['sg-workers'] } },
      }),
    );
}
