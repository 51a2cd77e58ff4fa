import { randomUUID } from 'node:crypto';
import { VERSION } from '../aws/clients.ts';
import type { Self } from './leadership.ts';

/** Returns a new identity under a name that people know, such as that of the stack or of the machine. */
export function newSelf(name: string): Self {
  const session = randomUUID();
  return { id: `${name}/${session.slice(0, 4)}`, session, version: VERSION };
}
