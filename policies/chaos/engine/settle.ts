import type { Action, ActionResult } from '../../model/action.ts';
import type { ChaosMemory } from '../../model/chaos.ts';
import type { Instant } from '../../model/observation.ts';
import type { Run } from '../../model/run.ts';
import { runningFault } from '../faults/index.ts';
import { cutShort } from './advance.ts';

/** Returns the memory after a tick's writes: each run learns the results of its own writes. */
export function settle(memory: ChaosMemory, results: readonly ActionResult[], now: Instant): ChaosMemory {
  const runs = memory.runs.map((run) => {
    const mine = results.filter((r) => r.action.run === run.id);
    return mine.length > 0 ? settled(run, mine, now) : run;
  });
  return { ...memory, runs };
}

function settled(run: Run, results: readonly ActionResult[], now: Instant): Run {
  const next: Run = { ...run };
  const applied = results.filter((r) => r.outcome === 'applied').map(({ action }) => action);
  const injected = applied.filter((action) => action.purpose === 'inject');
  if (injected.length > 0) {
    next.injectedAt ??= now;
    recordApplied(next, injected, now);
  }
  if (applied.some((action) => action.purpose === 'revert')) next.removedAt ??= now;
  const failed = results.find((r) => r.outcome === 'failed');
  if (failed) {
    next.failures = (next.failures ?? 0) + 1;
    if (!next.verdict) next.because = `a write failed: ${failed.message}`;
  } else {
    delete next.failures;
    if (!next.verdict) delete next.because;
  }
  return next;
}

/** Lets the fault note what its writes did. A defect there ends its own run, which is reverted; other runs are settled. */
function recordApplied(run: Run, injected: readonly Action[], now: Instant): void {
  try {
    Object.assign(run, runningFault(run)?.recordApplied(injected));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    cutShort(run, 'interrupted', `a defect of Sluice in the fault ${run.fault}: ${message}`, now);
  }
}
