/**
 * Answers the endpoints that a task finds in its environment: the ECS agent's task protection (`$ECS_AGENT_URI`) and the task
 * metadata, version 4 (`$ECS_CONTAINER_METADATA_URI_V4`).
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RouteHandler } from '../context.ts';
import { BodyReader } from '../http-body.ts';
import { flag, integer, isObject } from '../input.ts';
import { AwsError } from '../service.ts';
import type { Agent } from './agent-tokens.ts';
import type { Failure } from './errors.ts';
import { invalidParameter } from './errors.ts';
import type { Task } from './model.ts';
import { checkMinutes, type Protection, type TaskProtection } from './protection.ts';
import { usageOf } from './usage.ts';

const BODY_LIMIT = 4096;
const bodies = new BodyReader({ one: BODY_LIMIT, all: 1000 * BODY_LIMIT });

function reply(res: ServerResponse, status: number, body: object): true {
  const text = JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  res.end(text);
  return true;
}

const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

/** Returns the agent's reply. It writes the members of the API with capitals, and dates as text. */
function protectionReply(result: Protection | Failure): object {
  if ('reason' in result) return { failure: { Arn: result.arn, Reason: result.reason, Detail: result.detail ?? '' } };
  const ExpirationDate = iso(result.expirationDate === undefined ? undefined : result.expirationDate * 1000);
  return { protection: { ExpirationDate, ProtectionEnabled: result.protectionEnabled, TaskArn: result.taskArn } };
}

async function setProtection(req: IncomingMessage, task: Task, protection: TaskProtection): Promise<object> {
  const { text } = await bodies.read(req);
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    throw invalidParameter('The request body is not valid JSON.');
  }
  if (!isObject(input)) throw invalidParameter('The request body must be a JSON object.');
  const enable = flag(input, 'ProtectionEnabled');
  if (enable === undefined) throw invalidParameter('Invalid request: does not contain ProtectionEnabled field');
  const minutes = checkMinutes(integer(input, 'ExpiresInMinutes'));
  return protectionReply(protection.set(task, enable, minutes));
}

async function answerProtection(req: IncomingMessage, res: ServerResponse, task: Task, protection: TaskProtection) {
  try {
    if (req.method === 'GET') return reply(res, 200, protectionReply(protection.show(task)));
    if (req.method === 'PUT') return reply(res, 200, await setProtection(req, task, protection));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const told = { Arn: task.arn, Code: error.code, Message: error.message };
    return reply(res, error.status, { requestID: randomUUID(), error: told });
  }
  return reply(res, 405, { error: { Code: 'MethodNotAllowed', Message: 'GET or PUT' } });
}

function containerMetadata(task: Task, index: number): object {
  const state = task.containers[index];
  const registered = (task.definition.registered.containerDefinitions as { image?: string }[])[index];
  return {
    DockerId: state?.arn.slice(-32),
    Name: state?.name,
    DockerName: state?.name,
    Image: registered?.image,
    ImageID: '',
    Labels: {
      'com.amazonaws.ecs.cluster': task.clusterArn,
      'com.amazonaws.ecs.container-name': state?.name,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': task.definition.family,
      'com.amazonaws.ecs.task-definition-version': String(task.definition.revision),
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: state?.lastStatus,
    ExitCode: state?.exitCode,
    CreatedAt: iso(task.pullStoppedAt),
    StartedAt: iso(task.startedAt),
    Type: 'NORMAL',
    ContainerARN: state?.arn,
  };
}

function taskMetadata(task: Task, region: string): object {
  return {
    Cluster: task.clusterArn,
    TaskARN: task.arn,
    Family: task.definition.family,
    Revision: String(task.definition.revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    Limits: { CPU: task.definition.cpuUnits / 1024, Memory: task.definition.memoryMiB },
    PullStartedAt: iso(task.pullStartedAt),
    PullStoppedAt: iso(task.pullStoppedAt),
    AvailabilityZone: `${region}a`,
    LaunchType: task.launchType,
    ServiceName: task.group.startsWith('service:') ? task.group.slice('service:'.length) : undefined,
    Containers: task.containers.map((_, i) => containerMetadata(task, i)),
  };
}

/** Returns the most used part of Docker's statistics: CPU time in nanoseconds, memory in bytes. */
async function stats(task: Task, now: number): Promise<Record<string, object>> {
  const usage = await usageOf(task.containers.flatMap((each) => each.pid ?? []));
  return Object.fromEntries(
    task.containers.map((each) => {
      const used = usage.get(each.pid ?? 0) ?? { cpuSeconds: 0, memoryBytes: 0 };
      return [
        each.arn.slice(-32),
        {
          read: iso(now),
          name: each.name,
          cpu_stats: { cpu_usage: { total_usage: Math.round(used.cpuSeconds * 1e9) }, online_cpus: 1 },
          memory_stats: { usage: used.memoryBytes, limit: task.definition.memoryMiB * 2 ** 20 },
        },
      ];
    }),
  );
}

export interface AgentContext {
  agent: Agent;
  protection: TaskProtection;
  region: string;
  now(): number;
}

/** Answers `/api/TOKEN/task-protection/v1/state`, `/v4/TOKEN` and, below the latter, `task`, `stats`, `task/stats`. */
export const agentRoutes = ({ agent, protection, region, now }: AgentContext): RouteHandler => {
  return async (req, res, url) => {
    const match = /^\/(api|v4)\/([\w-]+)(\/.*)?$/.exec(url.pathname);
    if (!match) return false;
    const [, kind, token = '', path = ''] = match;
    const task = agent.task(token);
    if (!task) return reply(res, 404, { error: { Code: 'NotFound', Message: 'no running task has this address' } });
    if (kind === 'api' && path === '/task-protection/v1/state') return answerProtection(req, res, task, protection);
    if (kind === 'v4' && req.method === 'GET') {
      if (path === '' || path === '/') return reply(res, 200, containerMetadata(task, 0));
      if (path === '/task') return reply(res, 200, taskMetadata(task, region));
      if (path === '/task/stats') return reply(res, 200, await stats(task, now()));
      if (path === '/stats') return reply(res, 200, Object.values(await stats(task, now()))[0] ?? {});
    }
    return reply(res, 404, { error: { Code: 'NotFound', Message: `no such path: ${path}` } });
  };
};
