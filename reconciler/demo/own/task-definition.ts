/** Reads a real task definition, so that the embedded ECS can run its main container with the user's own command. */
import { z } from 'zod';
import { readInput } from '../../text/input.ts';
import { UserError } from '../../text/user-error.ts';

const container = z.looseObject({
  name: z.string().min(1),
  essential: z.boolean().default(true),
  stopTimeout: z.int().min(0).max(120).optional(),
  environment: z.array(z.looseObject({ name: z.string(), value: z.string() })).default([]),
});

const schema = z.looseObject({
  family: z.string().min(1),
  containerDefinitions: z.array(container).min(1),
});

/** The parts of a task definition that mean something for a process on this machine. */
export interface WorkerDefinition {
  family: string;
  container: string;
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeout: number;
  environment: Record<string, string>;
  /** One line for each part of the file that has no meaning here. */
  notes: string[];
}

/** Fargate's own default is 30 s. */
const STOP_TIMEOUT = 30;

export const DEFAULT_DEFINITION: WorkerDefinition = {
  family: 'workers',
  container: 'worker',
  stopTimeout: STOP_TIMEOUT,
  environment: {},
  notes: [],
};

/** Reads a file as `aws ecs register-task-definition --cli-input-json` takes it, or as `describe-task-definition` prints it. */
export async function readTaskDefinition(file: string): Promise<WorkerDefinition> {
  return parseTaskDefinition(await readInput(file), file);
}

/** Parses a task definition. Throws UserError with what is wrong. */
export function parseTaskDefinition(text: string, file: string): WorkerDefinition {
  const parsed = schema.safeParse(unwrapped(toJson(text, file)));
  if (!parsed.success)
    throw new UserError(
      `${file} is not a task definition`,
      'such a file is what `aws ecs register-task-definition --cli-input-json` takes',
      parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`),
    );
  const { family, containerDefinitions, ...rest } = parsed.data;
  const worker = containerDefinitions.find(({ essential }) => essential) ?? containerDefinitions[0]!;
  return {
    family,
    container: worker.name,
    stopTimeout: worker.stopTimeout ?? STOP_TIMEOUT,
    environment: Object.fromEntries(worker.environment.map(({ name, value }) => [name, value])),
    notes: notesOn(rest, worker, containerDefinitions.length),
  };
}

function toJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is not JSON: ${(error as Error).message}`, 'check that this is the right file');
  }
}

/** `describe-task-definition` wraps what `register-task-definition` takes. */
function unwrapped(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'taskDefinition' in value ? value.taskDefinition : value;
}

const WHY: [part: string, why: string][] = [
  ['image', 'no container is made: the command of --worker runs on this machine, with what is installed here'],
  ['entryPoint', 'the command of --worker runs instead'],
  ['command', 'the command of --worker runs instead'],
  ['secrets', 'secrets are not fetched: set these variables in your shell'],
  ['logConfiguration', 'logs go to .sluice/tasks/'],
  ['healthCheck', 'health checks are not run'],
  ['mountPoints', 'volumes are not mounted'],
  ['linuxParameters', 'no container is made'],
  ['dependsOn', 'containers beside the worker are not started'],
  ['portMappings', 'ports are those that the worker opens itself'],
  ['cpu', 'the worker is not limited'],
  ['memory', 'the worker is not limited'],
  ['taskRoleArn', 'the worker signs with temporary keys that may call everything'],
  ['executionRoleArn', 'no image is pulled and no secret is fetched'],
  ['networkMode', 'the worker shares the network of this machine'],
  ['volumes', 'volumes are not mounted'],
];

function notesOn(rest: object, worker: object, containers: number): string[] {
  const present = (part: string): boolean => part in worker || part in rest;
  const notes = new Map<string, string[]>();
  for (const [part, why] of WHY) if (present(part)) notes.set(why, [...(notes.get(why) ?? []), part]);
  const lines = [...notes].map(([why, parts]) => `${parts.join(', ')}: ${why}`);
  return containers > 1 ? [...lines, `${containers - 1} further containers: they are not started`] : lines;
}
