/** Tells which parts of a task definition have no meaning for a process on this machine. Every part that is set is told. */

const COMMAND = 'the command of --worker runs instead';
const NO_CONTAINER = 'no container is made: the command of --worker runs on this machine, with what is installed here';
const NOT_LIMITED = 'the worker is not limited';
const NO_VOLUMES = 'volumes are not mounted';
const OTHERS = 'containers beside the worker are not started';
const NETWORK = 'the worker shares the network of this machine';

const WHY: Readonly<Record<string, string>> = {
  image: NO_CONTAINER,
  repositoryCredentials: NO_CONTAINER,
  linuxParameters: NO_CONTAINER,
  dockerLabels: NO_CONTAINER,
  dockerSecurityOptions: NO_CONTAINER,
  privileged: NO_CONTAINER,
  readonlyRootFilesystem: NO_CONTAINER,
  entryPoint: COMMAND,
  command: COMMAND,
  secrets: 'secrets are not fetched: set these variables in your shell',
  environmentFiles: 'environment files are not fetched: set their variables in your shell',
  workingDirectory: 'the worker starts in this folder',
  user: 'the worker runs as you',
  ulimits: NOT_LIMITED,
  systemControls: NOT_LIMITED,
  cpu: NOT_LIMITED,
  memory: NOT_LIMITED,
  memoryReservation: NOT_LIMITED,
  resourceRequirements: NOT_LIMITED,
  ephemeralStorage: NOT_LIMITED,
  logConfiguration: 'logs go to .sluice/tasks/',
  firelensConfiguration: 'logs go to .sluice/tasks/',
  healthCheck: 'health checks are not run',
  restartPolicy: 'a container is not restarted: its task ends, and ECS starts another',
  mountPoints: NO_VOLUMES,
  volumesFrom: NO_VOLUMES,
  volumes: NO_VOLUMES,
  dependsOn: OTHERS,
  links: OTHERS,
  proxyConfiguration: OTHERS,
  portMappings: 'ports are those that the worker opens itself',
  taskRoleArn: 'the worker signs with temporary keys that may call everything',
  executionRoleArn: 'no image is pulled and no secret is fetched',
  networkMode: NETWORK,
  dnsServers: NETWORK,
  dnsSearchDomains: NETWORK,
  extraHosts: NETWORK,
  hostname: NETWORK,
  pidMode: NO_CONTAINER,
  ipcMode: NO_CONTAINER,
  runtimePlatform: NO_CONTAINER,
};

/** Parts that are used, or that say nothing about how the worker runs. */
const SILENT = new Set([
  ...['name', 'essential', 'environment', 'stopTimeout', 'startTimeout', 'versionConsistency'],
  ...['taskDefinitionArn', 'revision', 'status', 'requiresAttributes', 'placementConstraints', 'compatibilities'],
  ...['requiresCompatibilities', 'registeredAt', 'registeredBy', 'deregisteredAt', 'deleteRequestedAt', 'tags'],
  ...['enableFaultInjection', 'interactive', 'pseudoTerminal'],
]);

/** Returns one line for each reason, with the parts of the definition and of its worker that it is about. */
export function notesOn(definition: object, worker: object): string[] {
  const byReason = new Map<string, string[]>();
  const parts = [...Object.entries(worker), ...Object.entries(definition)].filter(([, value]) => isSet(value));
  for (const part of new Set(parts.map(([name]) => name))) {
    if (SILENT.has(part)) continue;
    const why = (Object.hasOwn(WHY, part) ? WHY[part] : undefined) ?? 'no meaning here';
    byReason.set(why, [...(byReason.get(why) ?? []), part]);
  }
  return [...byReason].map(([why, names]) => `${names.join(', ')}: ${why}`);
}

/** `describe-task-definition` prints empty lists and zeros for what is not set. */
const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== 0 &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0);
