/** Makes and reads the ARNs of ECS. Callers may name most things by ARN or by name. */
import { randomBytes, randomInt } from 'node:crypto';
import { invalidParameter } from './errors.ts';

export interface Home {
  region: string;
  accountId: string;
}

const arn = (home: Home, resource: string): string => `arn:aws:ecs:${home.region}:${home.accountId}:${resource}`;

export const clusterArn = (home: Home, name: string): string => arn(home, `cluster/${name}`);
export const serviceArn = (home: Home, cluster: string, name: string): string =>
  arn(home, `service/${cluster}/${name}`);
export const taskArn = (home: Home, cluster: string, id: string): string => arn(home, `task/${cluster}/${id}`);
export const containerArn = (home: Home, cluster: string, task: string): string =>
  arn(home, `container/${cluster}/${task}/${randomBytes(16).toString('hex')}`);
export const definitionArn = (home: Home, family: string, revision: number): string =>
  arn(home, `task-definition/${family}:${revision}`);

export const newTaskId = (): string => randomBytes(16).toString('hex');

/** Returns a new deployment id as AWS numbers deployments: `ecs-svc/` and nineteen digits. */
export const newDeploymentId = (): string =>
  `ecs-svc/${randomInt(1, 10)}${Array.from({ length: 18 }, () => randomInt(10)).join('')}`;

/** Returns the last part of the resource of an ARN, or the name itself: requests may hold either. */
export const shortName = (nameOrArn: string): string => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);

export const NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** Refuses a name that AWS refuses. @throws AwsError */
export function checkName(name: string, what: string): void {
  if (NAME.test(name)) return;
  throw invalidParameter(
    `${what} must be 1 to 255 characters: letters (uppercase and lowercase), numbers, underscores, and hyphens.`,
  );
}
