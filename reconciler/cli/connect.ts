import { type ClientSettings, type Clients, createClients } from '../aws/clients.ts';
import { ENV_FILE, type Reach, readEnvFile } from '../demo/env-file.ts';
import { isLoopback } from '../settings.ts';
import { UserError } from '../text/user-error.ts';

export interface ConnectOptions {
  /** Use the embedded AWS of the `sluice up` that runs in this folder. */
  local?: boolean;
  region?: string;
}

export interface Connection {
  aws: Clients;
  /** For further clients of the same AWS. */
  settings: ClientSettings;
  /** Undefined for AWS itself. */
  endpoint: string | undefined;
  /** True when the endpoint is on this machine. */
  loopback: boolean;
}

/** Returns a connection to the AWS of the environment, or with `--local` to the embedded one. Calls nothing yet. */
export function connect({ local, region }: ConnectOptions): Connection {
  const reach = local ? embedded() : { endpoint: process.env.AWS_ENDPOINT_URL || undefined };
  const settings: ClientSettings = { ...reach, ...(region ? { region } : {}) };
  const { endpoint } = settings;
  return { aws: createClients(settings), settings, endpoint, loopback: isLoopback(endpoint) };
}

function embedded(): Reach {
  const reach = readEnvFile();
  if (reach) return reach;
  throw new UserError(
    `--local found no usable ${ENV_FILE} here`,
    'start the embedded AWS in this folder: npx sluice up',
  );
}
