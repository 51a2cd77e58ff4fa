import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action } from '../../policies/model/action.ts';
import type { Aws } from '../aws/client.ts';

/** Makes one kind of write. Rejects with what AWS threw. */
export type Writer<K extends Action['kind']> = (
  aws: Aws,
  action: Extract<Action, { kind: K }>,
  policy: WorkerPolicy,
  signal?: AbortSignal,
) => Promise<unknown>;
