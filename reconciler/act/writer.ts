import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action } from '../../policies/model/action.ts';
import type { Clients } from '../aws/clients.ts';

/** Makes one kind of write. Rejects with what AWS threw. */
export type Writer<K extends Action['kind']> = (
  aws: Clients,
  action: Extract<Action, { kind: K }>,
  policy: WorkerPolicy,
  signal?: AbortSignal,
) => Promise<unknown>;
