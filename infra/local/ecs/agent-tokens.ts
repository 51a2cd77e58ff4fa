/** Tells which task a request to the ECS agent comes from. Each task knows a path that no other task can guess. */
import { randomBytes } from 'node:crypto';
import type { Task } from './model.ts';

export class Agent {
  readonly #tasks = new Map<string, Task>();

  issue(task: Task): string {
    const token = randomBytes(24).toString('base64url');
    this.#tasks.set(token, task);
    return token;
  }

  revoke(token: string): void {
    this.#tasks.delete(token);
  }

  task(token: string): Task | undefined {
    return this.#tasks.get(token);
  }
}

/** Returns the values of the two variables that AWS sets, with the loopback address in place of the link-local one. */
export const agentUris = (endpointUrl: string, token: string): { agentUri: string; metadataUri: string } => ({
  agentUri: `${endpointUrl}/api/${token}`,
  metadataUri: `${endpointUrl}/v4/${token}`,
});
