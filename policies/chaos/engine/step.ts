/** All experiments of one policy, one tick further. Pure: what it wants written comes back as actions. */

import type { WorkerPolicy } from '../../document/schema.ts';
import { formatDuration } from '../../grammar/duration.ts';
import { didYouMean } from '../../grammar/suggest.ts';
import type { Action } from '../../model/action.ts';
import type { ChaosRequest, Instant, Observation } from '../../model/observation.ts';
import { mergeWants, type RequiredReadings } from '../../model/required-readings.ts';
import { PATIENT_PRECONDITIONS } from '../preconditions.ts';
import { type Answer, type ChaosMemory, emptyChaos, type Run, type Skipped } from '../run.ts';
import { occurrences } from '../schedule.ts';
import { faultOf } from '../schema.ts';
import { advance, cutShort } from './advance.ts';
import { type Begun, begin, requiredReadingsOf, runId } from './begin.ts';

export interface StepInput {
  policy: WorkerPolicy;
  seen: Observation;
  memory: ChaosMemory | undefined;
  now: Instant;
  /** The count that the scaling rules ask for; undefined when they could not be asked. */
  wanted: number | undefined;
  /** The scaling rules change the count in this tick. */
  scaling: boolean;
  failedTicks: number;
}

/** What of it belongs into the decision record. */
export interface ChaosStep {
  actions: Action[];
  started: Run[];
  running: Run[];
  ended: Run[];
  answers: Answer[];
  skipped: Skipped[];
  /** Why what was started is not: its intent could not be written down. */
  startAborted?: string;
  /** Why the service's count belongs to an experiment. */
  holds?: string;
}

/** An occurrence that is older than this, and than two ticks, was missed: nobody was there. It is noted, and never made up for. */
const GRACE_MS = 60_000;
const KEPT = 10;

/** True when this policy has anything to do with experiments; all others pay nothing. */
export function isConcerned(policy: WorkerPolicy, memory: ChaosMemory | undefined, requests: number): boolean {
  const { chaos } = policy.spec;
  return chaos.enabled || requests > 0 || (memory?.runs.length ?? 0) > 0 || memory?.resumed === true;
}

/** Readings that this tick needs. */
export function chaosReadings(
  policy: WorkerPolicy,
  memory: ChaosMemory | undefined,
  requests: readonly ChaosRequest[],
  now: Instant,
): RequiredReadings {
  const { experiments, enabled, seed } = policy.spec.chaos;
  const asked = new Set(requests.map((r) => r.experiment));
  const active = new Set(memory?.runs.map((r) => r.experiment));
  const wanted = experiments.filter(
    (e) =>
      active.has(e.name) ||
      (enabled &&
        (asked.has(e.name) ||
          memory?.due[e.name] !== undefined ||
          (e.enabled &&
            memory?.lookedAt !== undefined &&
            occurrences(e.name, e.trigger, seed, memory.lookedAt, now).length > 0))),
  );
  // A run whose experiment is gone from the document still needs what its revert looks at.
  const orphans = (memory?.runs ?? []).filter((r) => !experiments.some((e) => e.name === r.experiment));
  return mergeWants([...wanted.map((e) => requiredReadingsOf(policy, e)), ...orphans.map(wantsOfRun)]);
}

/** All that any fault may look at while it reverts. */
function wantsOfRun({ injection }: Run): RequiredReadings {
  const parameter = 'parameter' in injection ? { flag: injection.parameter } : {};
  return { access: true, network: true, tasks: true, deadLetters: true, ...parameter };
}

export function stepChaos(input: StepInput): { step: ChaosStep; memory: ChaosMemory } {
  const { seen, now, policy } = input;
  const memory = copy(input.memory ?? emptyChaos());
  const before = new Set(memory.runs.map((r) => r.id));
  const skipped: Skipped[] = [];
  resume(memory, now);
  const answers = answerAll(input, memory);
  collectDue(input, memory, skipped);
  startDue(input, memory, skipped);
  const wanted = input.wanted ?? memory.held?.count ?? 0;
  const actions = memory.runs.flatMap((run) =>
    advance(run, { policy, seen, now, wanted, failedTicks: input.failedTicks }),
  );
  const ended = memory.runs.filter((r) => r.phase === 'ended').map(slim);
  const running = memory.runs.filter((r) => r.phase !== 'ended');
  const holder = running.find(holdsCount);
  const next: ChaosMemory = {
    ...memory,
    runs: running,
    recent: [...ended.reverse(), ...memory.recent].slice(0, KEPT),
    skipped: [...[...skipped].reverse(), ...memory.skipped].slice(0, KEPT),
    answers: [...memory.answers.filter((a) => a.until > now), ...answers],
    lookedAt: now,
    ...(ended.length > 0 ? { lastEndedAt: now } : {}),
  };
  const started = running.filter((r) => !before.has(r.id));
  return {
    step: {
      actions,
      started,
      running,
      ended,
      answers,
      skipped,
      ...(holder ? { holds: `experiment ${holder.experiment} (run ${holder.id}) is ${holder.phase}` } : {}),
    },
    memory: next,
  };
}

/** The fault decides the service's count, on its way in, while it lasts, and on its way out. */
export const holdsCount = (run: Run): boolean =>
  faultOf(run.injection.type).holdsCount === true && run.phase !== 'recovering' && run.phase !== 'ended';

function copy(memory: ChaosMemory): ChaosMemory {
  return {
    ...memory,
    runs: memory.runs.map((r) => ({ ...r, peak: { ...r.peak }, ...(r.samples ? { samples: [...r.samples] } : {}) })),
    due: { ...memory.due },
  };
}

/** After a restart: what was left on purpose goes on, what was cut off is taken back. */
function resume(memory: ChaosMemory, now: Instant): void {
  if (!memory.resumed) return;
  delete memory.resumed;
  for (const run of memory.runs) {
    const goesOn = run.handedOver && run.phase !== 'injecting';
    delete run.handedOver;
    if (!goesOn) cutShort(run, 'interrupted', `the reconciler ended while it was ${run.phase}`, now);
  }
}

/** Targets are for the run itself; what is kept of it is the evidence. */
function slim(run: Run): Run {
  const { injection } = run;
  if (injection.type !== 'stopTask') return run;
  return { ...run, injection: { type: 'stopTask', count: injection.count } };
}

function answerAll(input: StepInput, memory: ChaosMemory): Answer[] {
  const { seen, now } = input;
  const answers: Answer[] = [];
  for (const request of seen.requests ?? []) {
    const known = [...memory.answers, ...answers].some((a) => a.id === request.id);
    if (known || request.expiresAt <= now) continue;
    const answer = request.action === 'stop' ? stop(request, input, memory) : run(request, input, memory);
    if (answer) answers.push({ id: request.id, until: request.expiresAt, ...answer });
  }
  return answers;
}

type Reply = Omit<Answer, 'id' | 'until'> | undefined;

function stop({ experiment, by }: ChaosRequest, { now }: StepInput, memory: ChaosMemory): Reply {
  const runs = memory.runs.filter((r) => experiment === undefined || r.experiment === experiment);
  for (const run of runs) cutShort(run, 'aborted', by ? `stopped by ${by}` : 'stopped on request', now);
  if (experiment === undefined) memory.due = {};
  const names = runs.map((r) => r.experiment).join(', ');
  return { accepted: true, because: runs.length > 0 ? `${names}: ended and reverted` : 'nothing was running' };
}

function run({ id, experiment = '' }: ChaosRequest, input: StepInput, memory: ChaosMemory): Reply {
  const { policy, seen, now, scaling } = input;
  const { experiments } = policy.spec.chaos;
  const spec = experiments.find((e) => e.name === experiment);
  if (!spec) {
    const names = experiments.map((e) => e.name);
    const hint = names.length > 0 ? didYouMean(experiment, names) : 'the policy has no experiment';
    return { accepted: false, because: `no experiment ${experiment} (${hint})` };
  }
  const occasion = runId(policy.metadata.name, experiment, id);
  const begun = begin({ policy, experiment: spec, seen, memory, now, scaling, id: occasion, trigger: 'request' });
  if ('wait' in begun) return undefined;
  if ('blocked' in begun)
    return { accepted: false, because: `${begun.blocked.precondition}: ${begun.blocked.because}` };
  return { accepted: true, because: begun.run.summary, run: begun.run.id };
}

/** Puts new occurrences among those that are due; notes the ones that were missed. */
function collectDue({ policy, now }: StepInput, memory: ChaosMemory, skipped: Skipped[]): void {
  const { enabled, experiments, seed } = policy.spec.chaos;
  const after = memory.lookedAt ?? now;
  const grace = Math.max(GRACE_MS, 2 * policy.spec.interval);
  if (!enabled) {
    memory.due = {};
    return;
  }
  for (const { name, enabled: on, trigger } of experiments) {
    if (!on) {
      delete memory.due[name];
      continue;
    }
    const found = occurrences(name, trigger, seed, after, now);
    const missed = found.filter((at) => now - at > grace);
    const last = missed.at(-1);
    if (last !== undefined)
      skipped.push({
        experiment: name,
        at: last,
        precondition: 'missed',
        because: `${missed.length === 1 ? 'an occurrence was' : `${missed.length} occurrences were`} missed while nobody looked`,
      });
    const newest = found.findLast((at) => now - at <= grace);
    if (newest !== undefined) memory.due[name] = newest;
  }
}

function startDue(input: StepInput, memory: ChaosMemory, skipped: Skipped[]): void {
  const { policy, seen, now, scaling } = input;
  // Three ticks, so that a rail that opens soon has its chance whatever the interval.
  const patience = Math.max(GRACE_MS, 3 * policy.spec.interval);
  for (const experiment of policy.spec.chaos.experiments) {
    const at = memory.due[experiment.name];
    if (at === undefined) continue;
    const id = runId(policy.metadata.name, experiment.name, String(at));
    const begun = begin({ policy, experiment, seen, memory, now, scaling, id, trigger: 'schedule' });
    const given = outcomeOf(begun, now - at < patience);
    if (given === 'wait') continue;
    delete memory.due[experiment.name];
    // After a restart an occurrence may come up again that has run: that is no news.
    if (given === 'started' || given.precondition === 'once') continue;
    const { precondition, because } = given;
    const waited = now - at >= patience ? ` (waited for ${formatDuration(now - at)})` : '';
    skipped.push({ experiment: experiment.name, at, precondition, because: because + waited });
  }
}

function outcomeOf(begun: Begun, patient: boolean): 'started' | 'wait' | { precondition: string; because: string } {
  if ('wait' in begun)
    return patient ? 'wait' : { precondition: 'observed', because: 'what it needs could not be read' };
  if ('run' in begun) return 'started';
  return patient && PATIENT_PRECONDITIONS.has(begun.blocked.precondition) ? 'wait' : begun.blocked;
}
