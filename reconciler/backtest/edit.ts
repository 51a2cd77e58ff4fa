/** Runs an edit beside the version in force on the same past of their queue. Pure computation, for a thread of its own. */
import { parsePolicy } from '../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import { backtest, type Request, type Setup } from './backtest.ts';
import type { Result } from './result.ts';
import { parseSampler } from './service-time.ts';

/** The past of a queue, and the two texts. Plain data, so that it can be sent to a thread. */
export interface EditRequest {
  /** The text in force; undefined when no version is. */
  before: string | undefined;
  after: string;
  queue: string;
  /** Messages sent in each minute. */
  sent: number[];
  /** Mean seconds that a message took; undefined when nothing is known of it. */
  serviceSeconds: number | undefined;
  workers: number;
}

/** `before` is absent when no version is in force. */
export interface EditResult {
  before?: Result;
  after: Result;
  /** Seconds. */
  target: number;
  leastHours: number;
}

/** Assumptions about everything that the account cannot tell. Seconds. */
const ASSUMED = {
  load: undefined,
  duration: undefined,
  startUp: parseSampler('45s'),
  stopTimeout: 30,
  visibilityTimeout: 300,
  protection: false,
  metricLag: 60,
  errorRate: 0,
  countDelay: 0,
  countNoise: 0,
  countShards: 1,
  countMisses: 0,
  countGhosts: 0,
  seed: 1,
};
const ASSUMED_SERVICE_S = 10;
const DEFAULT_TARGET_MS = 60_000;

/** Plays an edit after the policy in force, if there is one, on the same load. `report` as in `backtest`. */
export function beside(
  setup: Setup,
  before: WorkerPolicy | undefined,
  after: WorkerPolicy,
  report: Request['report'],
): ReturnType<typeof backtest> {
  const policies = [...(before ? [named(before, 'before')] : []), named(after, 'after')];
  return backtest({ setup, policies, peers: [], tune: false, chart: false, report });
}

/** Runs both. `report` gets the share that is done, 0 to 1. Throws for a text that is not valid. */
export function backtestEdit(request: EditRequest, report: (share: number) => void): EditResult {
  const after = parsed(request.after);
  if (!after) throw new Error('the edit is not a valid document');
  const before = request.before === undefined ? undefined : parsed(request.before);
  const setup: Setup = {
    ...ASSUMED,
    trace: { name: request.queue, step: 60, counts: request.sent },
    serviceTime: parseSampler(`lognormal:${(request.serviceSeconds ?? ASSUMED_SERVICE_S).toFixed(2)}s/1`),
    concurrency: after.spec.scaling.concurrency ?? 1,
    workers: request.workers,
    target: targetOf(after) / 1_000,
  };
  const { results, leastHours } = beside(setup, before, after, (_, share) => report(share));
  const [first] = results;
  return { ...(before && first ? { before: first } : {}), after: results.at(-1)!, target: setup.target, leastHours };
}

function parsed(text: string): WorkerPolicy | undefined {
  const result = parsePolicy(text);
  return result.ok ? result.policy : undefined;
}

function targetOf({ spec }: WorkerPolicy): number {
  const found = spec.scaling.strategies.find((s) => s.type === 'targetWait');
  return found?.type === 'targetWait' ? found.targetWait : DEFAULT_TARGET_MS;
}

const named = (policy: WorkerPolicy, name: string): WorkerPolicy => ({
  ...policy,
  metadata: { ...policy.metadata, name },
  // A mode that writes nothing would scale nothing.
  spec: { ...policy.spec, mode: 'enforce' },
});
