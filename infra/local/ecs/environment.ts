/** Builds the environment of a task's process: the variables of a container, and the few that every program needs. */
import type { TemporaryCredentials } from '../credentials.ts';

/** The variables that a task inherits from this program. All others stay here, e.g. the user's own AWS credentials. */
const INHERITED = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'NODE_NO_WARNINGS',
];

export interface Surroundings {
  region: string;
  endpointUrl: string;
  /** The address of the agent for this task, which holds the task's token. */
  agentUri: string;
  metadataUri: string;
  credentials: TemporaryCredentials | undefined;
}

function inherited(from: NodeJS.ProcessEnv): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = from[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Merges the layers; a later one wins: inherited, AWS's, all containers', the container's own, the override's. */
export function taskEnvironment(
  surroundings: Surroundings,
  layers: readonly Record<string, string>[],
  from: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const { credentials } = surroundings;
  const ofAws: Record<string, string> = {
    AWS_REGION: surroundings.region,
    AWS_DEFAULT_REGION: surroundings.region,
    AWS_ENDPOINT_URL: surroundings.endpointUrl,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    ECS_AGENT_URI: surroundings.agentUri,
    ECS_CONTAINER_METADATA_URI_V4: surroundings.metadataUri,
    // HOME is passed on, yet a task without a role must find no credentials there, as on AWS.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  if (credentials) {
    ofAws.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
    ofAws.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
    ofAws.AWS_SESSION_TOKEN = credentials.sessionToken;
  }
  return Object.assign(inherited(from), ofAws, ...layers);
}
