import { DescribeServicesCommand, DescribeTaskDefinitionCommand, type Service } from '@aws-sdk/client-ecs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { NetworkState } from '../../policies/model/observation.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';
import { namedError } from '../aws/errors.ts';

/** What experiments want to know of a service beside its counts. */
export class ServiceDetailReader {
  readonly #aws: Clients;
  /** Task definitions never change: their roles are read once. */
  readonly #roles = new Map<string, string | undefined>();

  constructor(aws: Clients) {
    this.#aws = aws;
  }

  /** Undefined outside awsvpc mode. */
  async network(service: PolicySpec['service'], signal?: AbortSignal): Promise<NetworkState | undefined> {
    const { networkConfiguration } = await this.#describe(service, signal);
    const vpc = networkConfiguration?.awsvpcConfiguration;
    if (!vpc) return undefined;
    return {
      subnets: vpc.subnets ?? [],
      securityGroups: vpc.securityGroups ?? [],
      ...(vpc.assignPublicIp ? { assignPublicIp: vpc.assignPublicIp } : {}),
    };
  }

  /** ARN of the role of the service's tasks; undefined when they have none. */
  async role(service: PolicySpec['service'], signal?: AbortSignal): Promise<string | undefined> {
    const { taskDefinition = '' } = await this.#describe(service, signal);
    if (!this.#roles.has(taskDefinition)) {
      const output = await this.#aws.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }), abortedBy(signal));
      this.#roles.set(taskDefinition, output.taskDefinition?.taskRoleArn);
    }
    return this.#roles.get(taskDefinition);
  }

  async #describe({ cluster, name }: PolicySpec['service'], signal?: AbortSignal): Promise<Service> {
    const { services = [] } = await this.#aws.ecs.send(
      new DescribeServicesCommand({ cluster, services: [name] }),
      abortedBy(signal),
    );
    if (!services[0]) throw namedError('MISSING', `service ${name} in cluster ${cluster}: MISSING`);
    return services[0];
  }
}
