/** Reads a real task definition, so that the embedded ECS can run one of its containers with the user's own command. */
import { z } from 'zod';
import { readInput } from '../../text/input.ts';
import { UserError } from '../../text/user-error.ts';
import { notesOn } from './task-definition-notes.ts';

/** Tools that print a described definition write null for what is not set. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const container = z.looseObject({
  name: z.string().min(1),
  essential: optional(z.boolean()),
  stopTimeout: optional(z.int().min(0)),
  environment: optional(z.array(z.looseObject({ name: z.string().min(1), value: optional(z.string()) }))),
});

const schema = z.looseObject({
  family: z.string().min(1),
  containerDefinitions: z.array(container).min(1),
});

export type Container = z.infer<typeof container>;

/** The parts of a task definition that mean something for a process on this machine. */
export interface WorkerDefinition {
  family: string;
  container: string;
  /** Seconds between SIGTERM and SIGKILL. */
  stopTimeout: number;
  environment: Record<string, string>;
  /** One line for each part of the file that has no meaning here, or another one. */
  notes: string[];
}

/** Fargate's own default is 30 s, and its limit is 120 s. */
const STOP_TIMEOUT = 30;
const LONGEST_STOP_TIMEOUT = 120;
const FAMILY = 'workers';

/** Variables that would lead a worker away from the embedded AWS, perhaps to queues in production. */
const RESERVED =
  /^(QUEUE_URL|ECS_AGENT_URI|ECS_CONTAINER_METADATA_URI.*|AWS_(ENDPOINT_URL.*|IGNORE_CONFIGURED_ENDPOINT_URLS|REGION|DEFAULT_REGION|PROFILE|DEFAULT_PROFILE|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|CONTAINER_.*))$/;

export const DEFAULT_DEFINITION: WorkerDefinition = {
  family: FAMILY,
  container: 'worker',
  stopTimeout: STOP_TIMEOUT,
  environment: {},
  notes: [],
};

/**
 * Reads a file as `aws ecs register-task-definition --cli-input-json` takes it, as `describe-task-definition` prints it, or
 * with the list of containers alone, as Terraform has it. `wanted` names the container that is the worker.
 */
export async function readTaskDefinition(file: string, wanted?: string): Promise<WorkerDefinition> {
  return parseTaskDefinition(await readInput(file), file, wanted);
}

/** Parses a task definition. Throws UserError with what is wrong. */
export function parseTaskDefinition(text: string, file: string, wanted?: string): WorkerDefinition {
  const parsed = schema.safeParse(unwrapped(toJson(text, file)));
  if (!parsed.success)
    throw new UserError(
      `${file} is not a task definition`,
      'such a file is what `aws ecs register-task-definition --cli-input-json` takes',
      parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`),
    );
  const { family, containerDefinitions, ...rest } = parsed.data;
  const worker = workerOf(containerDefinitions, file, wanted);
  const stopTimeout = worker.stopTimeout ?? STOP_TIMEOUT;
  const given = (worker.environment ?? []).map(({ name, value }): [string, string] => [name, value ?? '']);
  const reserved = given.map(([name]) => name).filter((name) => RESERVED.test(name));
  return {
    family,
    container: worker.name,
    stopTimeout: Math.min(stopTimeout, LONGEST_STOP_TIMEOUT),
    environment: Object.fromEntries(given.filter(([name]) => !RESERVED.test(name))),
    notes: [
      ...choiceNotes(containerDefinitions, worker, wanted),
      ...(stopTimeout > LONGEST_STOP_TIMEOUT
        ? [`stopTimeout ${stopTimeout}: the embedded ECS waits ${LONGEST_STOP_TIMEOUT} s at most, as Fargate does`]
        : []),
      ...(reserved.length > 0 ? [`${reserved.join(', ')}: Sluice sets what leads to the AWS on this machine`] : []),
      ...notesOn(rest, worker),
    ],
  };
}

/** Without a name the first essential container is the worker. */
function workerOf(containers: readonly Container[], file: string, wanted: string | undefined): Container {
  const isWanted = ({ name, essential = true }: Container): boolean => (wanted ? name === wanted : essential);
  const worker = containers.find(isWanted) ?? (wanted === undefined ? containers[0] : undefined);
  if (worker) return worker;
  throw new UserError(
    `${file} has no container ${wanted}`,
    `name one of these with --container: ${containers.map(({ name }) => name).join(', ')}`,
  );
}

function choiceNotes(containers: readonly Container[], worker: Container, wanted: string | undefined): string[] {
  const others = containers.filter((each) => each !== worker).map(({ name }) => name);
  if (others.length === 0) return [];
  const other = wanted === undefined ? '. Choose another one with --container' : '';
  return [`container ${worker.name} is the worker; not started: ${others.join(', ')}${other}`];
}

function toJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UserError(
      `${file} is not JSON: ${(error as Error).message}`,
      'check that this is the right file; a task definition is JSON without comments',
    );
  }
}

/** `describe-task-definition` wraps what `register-task-definition` takes; Terraform has the list of containers alone. */
function unwrapped(value: unknown): unknown {
  if (Array.isArray(value)) return { family: FAMILY, containerDefinitions: value };
  return typeof value === 'object' && value !== null && 'taskDefinition' in value ? value.taskDefinition : value;
}
