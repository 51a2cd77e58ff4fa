/** One tick of all experiments of one policy. Pure: the writes that it wants come back as actions. */
import type { Action } from '../../model/action.ts';
import type { ChaosMemory, ChaosStep, Skipped } from '../../model/chaos.ts';
import type { Instant } from '../../model/observation.ts';
import type { Run } from '../../model/run.ts';
import { runningFault } from '../faults/index.ts';
import { emptyChaos, isHolding, leftText } from '../run.ts';
import type { ChaosPolicy } from '../schema.ts';
import { type AdvanceContext, advance, cutShort, takeBack } from './advance.ts';
import { answerRequests } from './answers.ts';
import { collectDue, startDue } from './due.ts';
import type { StepInput } from './step-input.ts';

/** This many ended runs and skipped occurrences are kept. */
const KEPT = 10;

/** Returns true when a policy has anything to do with experiments. All others spend no time on them. */
export function isConcerned(policy: ChaosPolicy, memory: ChaosMemory | undefined, requests: number): boolean {
  const { chaos } = policy.spec;
  return chaos.enabled || requests > 0 || (memory?.runs.length ?? 0) > 0 || memory?.resumed === true;
}

/** Returns what experiments do in this tick, and their memory after it. */
export function stepChaos(input: StepInput): { step: ChaosStep; memory: ChaosMemory } {
  const { seen, now, policy } = input;
  const memory = copyOf(input.memory ?? emptyChaos());
  const before = new Set(memory.runs.map((r) => r.id));
  const skipped: Skipped[] = [];
  resume(memory, now);
  const answers = answerRequests(input, memory);
  collectDue(input, memory, skipped);
  startDue(input, memory, skipped);
  const wanted = input.wanted ?? memory.held?.count ?? 0;
  const actions = memory.runs.flatMap((run) =>
    guarded(run, { policy, seen, now, wanted, failedTicks: input.failedTicks }),
  );
  const ended = memory.runs.filter((r) => r.phase === 'ended').map(withoutTargets);
  const running = memory.runs.filter((r) => r.phase !== 'ended');
  const holder = running.find(isHolding);
  return {
    step: {
      actions,
      started: running.filter((r) => !before.has(r.id)),
      running,
      ended,
      answers,
      skipped,
      ...(holder ? { holds: holdText(holder) } : {}),
    },
    memory: {
      ...memory,
      runs: running,
      recent: [...[...ended].reverse(), ...memory.recent].slice(0, KEPT),
      skipped: [...[...skipped].reverse(), ...memory.skipped].slice(0, KEPT),
      answers: [...memory.answers.filter((a) => a.until > now), ...answers],
      lookedAt: now,
      ...(ended.length > 0 ? { lastEndedAt: now } : {}),
    },
  };
}

function holdText(run: Run): string {
  const left = leftText(run);
  return `experiment ${run.experiment} (run ${run.id}) is ${run.phase}${left === undefined ? '' : `: ${left}`}`;
}

/** A defect of one fault ends its own run, which is reverted by its stored writes. Other runs go on. */
function guarded(run: Run, context: AdvanceContext): Action[] {
  try {
    return advance(run, context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return takeBack(run, `a defect of Sluice in the fault ${run.fault}: ${message}`, context.now);
  }
}

function copyOf(memory: ChaosMemory): ChaosMemory {
  return {
    ...memory,
    runs: memory.runs.map((r) => ({ ...r, peak: { ...r.peak }, ...(r.samples ? { samples: [...r.samples] } : {}) })),
    due: { ...memory.due },
  };
}

/** After a restart, runs that were handed over go on; all others are reverted. */
function resume(memory: ChaosMemory, now: Instant): void {
  if (!memory.resumed) return;
  delete memory.resumed;
  for (const run of memory.runs) {
    const goesOn = run.handedOver && run.phase !== 'injecting';
    delete run.handedOver;
    if (!goesOn) cutShort(run, 'interrupted', `the reconciler ended while the run was ${run.phase}`, now);
  }
}

/** Only the run itself needs its targets. The record of an ended run keeps the evidence. */
function withoutTargets({ inverse: _, ...run }: Run): Run {
  return { ...run, injection: runningFault(run)?.stored };
}
