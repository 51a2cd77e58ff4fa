import { type ConnectOptions, connect } from '../connect.ts';
import { PolicyStore } from '../policy-store.ts';
import { SeenVersions } from './seen.ts';

export interface StoreOptions extends ConnectOptions {
  prefix: string;
}

/** The store that a policy command works on, and what this folder has seen of it. */
export async function openStore(options: StoreOptions): Promise<{ store: PolicyStore; seen: SeenVersions }> {
  const { aws, endpoint } = connect(options);
  const scope = endpoint ?? `${await aws.region()}/${process.env.AWS_PROFILE ?? ''}`;
  return { store: new PolicyStore(aws, options.prefix), seen: new SeenVersions(scope) };
}
