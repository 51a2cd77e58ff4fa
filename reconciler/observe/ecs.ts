import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import type { PolicySpec } from '../../policies/document/schema.ts';
import type { ServiceState } from '../../policies/model/observation.ts';
import { serviceIn, serviceState } from '../aws/border/ecs.ts';
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
      const output = await ecs.send(new DescribeServicesCommand({ cluster, services }));
      return asked.map((name) => orError(() => serviceState(serviceIn(output, cluster, name))));
    });
  }

  /** Returns the counts of a service. One that is not active is an error: nothing may be concluded from its counts. */
  async state({ cluster, name }: PolicySpec['service']): Promise<ServiceState> {
    const state = await this.#load(cluster, name);
    if (state.status !== 'ACTIVE') throw namedError('ServiceNotActiveException', `service ${name} is ${state.status}`);
    return state;
  }
}

/** Returns the value, or the error, so that one service's trouble is not that of its neighbors in the batch. */
function orError<T>(get: () => T): T | Error {
  try {
    return get();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
