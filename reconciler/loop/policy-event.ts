import type { Problem } from '../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Claim } from '../../policies/model/claim.ts';
import type { ChaosRequest } from '../../policies/model/observation.ts';

/** The events by which the watch tells the loop about one policy. The loop acts on `applied` and `deleted`; `refused` is only reported. */
export type PolicyEvent =
  | { kind: 'applied'; name: string; policy: WorkerPolicy; text: string }
  | { kind: 'refused'; name: string; version: number; problems: Problem[]; text: string; inForce: number }
  | { kind: 'deleted'; name: string }
  /** The policy's claim on its service, and the policy that owns the service, if that is another one. */
  | { kind: 'claimed'; name: string; claim: Claim; owner?: string }
  /** A policy that was deleted while nobody looked, and has experiments to take back. */
  | { kind: 'orphaned'; name: string; policy: WorkerPolicy }
  /** All that people ask for now, through the request parameter or through the page. */
  | { kind: 'requested'; name: string; source: 'parameter' | 'page'; requests: ChaosRequest[] };
