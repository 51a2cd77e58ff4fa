import type { Clients } from '../../aws/clients.ts';
import { type ConnectOptions, connect } from '../connect.ts';
import { PolicyStore } from '../policy-store.ts';
import { SeenVersions } from './seen.ts';

export interface StoreOptions extends ConnectOptions {
  prefix: string;
}

/** Returns the store that a policy command works on, and the record of versions that this folder has seen. */
export async function openStore(
  options: StoreOptions,
): Promise<{ aws: Clients; store: PolicyStore; seen: SeenVersions }> {
  const { aws, endpoint } = connect(options);
  const scope = endpoint ?? `${await aws.region()}/${process.env.AWS_PROFILE ?? ''}`;
  return { aws, store: new PolicyStore(aws, options.prefix), seen: new SeenVersions(scope) };
}
