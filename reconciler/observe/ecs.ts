import { DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { ServiceState } from '../../policies/model/observation.ts';
import type { Clients } from '../aws/clients.ts';
import { namedError } from '../aws/errors.ts';
import { batchers } from './batch.ts';

/** ECS: at most ten services in one DescribeServices. */
const SERVICES_PER_CALL = 10;

/** Reads services, those of one cluster together. */
export class ServiceReader {
  readonly #load: (cluster: string, service: string) => Promise<ServiceState>;

  constructor({ ecs }: Clients) {
    this.#load = batchers(SERVICES_PER_CALL, async (cluster, asked: readonly string[]) => {
      const services = [...new Set(asked)];
      const { services: found = [], failures = [] } = await ecs.send(
        new DescribeServicesCommand({ cluster, services }),
      );
      return asked.map((name) => {
        const service = found.find((s) => s.serviceName === lastSegment(name) || s.serviceArn === name);
        if (service) return stateOf(service);
        const failure = failures.find((f) => lastSegment(f.arn ?? '') === lastSegment(name));
        const reason = failure?.reason ?? 'MISSING';
        return namedError(reason, `service ${lastSegment(name)} in cluster ${lastSegment(cluster)}: ${reason}`);
      });
    });
  }

  async state(service: PolicySpec['service']): Promise<ServiceState> {
    const state = await this.#load(service.cluster, service.name);
    if (state.status !== 'ACTIVE')
      throw namedError('ServiceNotActiveException', `service ${service.name} is ${state.status}`);
    return state;
  }
}

const lastSegment = (arn: string): string => arn.split('/').at(-1) ?? arn;

function stateOf(service: Service): ServiceState | Error {
  const { desiredCount, runningCount, pendingCount } = service;
  if (desiredCount === undefined || runningCount === undefined || pendingCount === undefined)
    return namedError('IncompleteAnswer', `DescribeServices gave no counts for ${service.serviceName}`);
  const primary = service.deployments?.find((d) => d.status === 'PRIMARY');
  return {
    desired: desiredCount,
    running: runningCount,
    pending: pendingCount,
    status: service.status ?? 'UNKNOWN',
    // A change of the count alone starts no deployment; only a new task definition, network or force does.
    deploying: (service.deployments?.length ?? 0) > 1 || primary?.rolloutState === 'IN_PROGRESS',
    ...(primary?.id ? { deployment: primary.id } : {}),
  };
}
