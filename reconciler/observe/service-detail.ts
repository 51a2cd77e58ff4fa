import { DescribeServicesCommand, DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { NetworkState } from '../../policies/model/observation.ts';
import type { Answer } from '../aws/border/answer.ts';
import { networkOf, roleOf, serviceIn, taskDefinitionOf } from '../aws/border/ecs.ts';
import { abortedBy, type Clients } from '../aws/clients.ts';

type Service = PolicySpec['service'];

/** Reads what experiments need to know of a service beside its counts. */
export class ServiceDetailReader {
  readonly #aws: Clients;
  /** Task definitions never change: their roles are read once. */
  readonly #roles = new Map<string, string | undefined>();

  constructor(aws: Clients) {
    this.#aws = aws;
  }

  /** Returns the network configuration; undefined outside awsvpc mode. */
  async network(service: Service, signal?: AbortSignal): Promise<NetworkState | undefined> {
    return networkOf(await this.#describe(service, signal));
  }

  /** Returns the ARN of the role of the service's tasks; undefined when they have none. */
  async role(service: Service, signal?: AbortSignal): Promise<string | undefined> {
    const taskDefinition = taskDefinitionOf(await this.#describe(service, signal));
    if (!this.#roles.has(taskDefinition)) {
      const command = new DescribeTaskDefinitionCommand({ taskDefinition });
      this.#roles.set(taskDefinition, roleOf(await this.#aws.ecs.send(command, abortedBy(signal)), taskDefinition));
    }
    return this.#roles.get(taskDefinition);
  }

  async #describe({ cluster, name }: Service, signal?: AbortSignal): Promise<Answer> {
    const command = new DescribeServicesCommand({ cluster, services: [name] });
    return serviceIn(await this.#aws.ecs.send(command, abortedBy(signal)), cluster, name);
  }
}
