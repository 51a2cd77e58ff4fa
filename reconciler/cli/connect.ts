import { readFileSync } from 'node:fs';
import { type ClientSettings, type Clients, createClients } from '../aws/clients.ts';
import { classify } from '../aws/errors.ts';
import { isLoopback } from '../settings.ts';
import { UserError } from './io.ts';

/** Written by `sluice up`; what any AWS client needs to reach the embedded AWS. */
export const ENV_FILE = '.sluice/env';

export interface ConnectOptions {
  /** Use the embedded AWS of the `sluice up` that runs in this folder. */
  local?: boolean;
  region?: string;
}

export interface Connection {
  aws: Clients;
  /** The settings of `aws`, for clients that differ in one of them. */
  clientSettings: ClientSettings;
  endpoint: string | undefined;
  /** The endpoint is on this machine. */
  loopback: boolean;
}

/** The AWS that a command talks to: the environment's, or with `--local` the embedded one. */
export function connect({ local, region }: ConnectOptions): Connection {
  if (local) loadEnvFile();
  const endpoint = process.env.AWS_ENDPOINT_URL || undefined;
  const clientSettings = { region, endpoint };
  return { aws: createClients(clientSettings), clientSettings, endpoint, loopback: isLoopback(endpoint) };
}

function loadEnvFile(): void {
  let text: string;
  try {
    text = readFileSync(ENV_FILE, 'utf8');
  } catch {
    throw new UserError(`--local found no ${ENV_FILE} here`, 'start the embedded AWS in this folder: npm start');
  }
  for (const line of text.split('\n')) {
    const match = /^export (\w+)=(.*)$/.exec(line);
    if (match) process.env[match[1]!] = match[2]!.replace(/^'(.*)'$/, '$1');
  }
}

/** Runs one AWS call of a command; what fails is told with what to do about it. */
export async function ask<T>(action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const { message, hint } = classify(error, action);
    throw new UserError(message, hint);
  }
}
