/** Requests of people: each id is answered once, with a code where a precondition does not hold. */
import { didYouMean } from '../../grammar/suggest.ts';
import type { Answer, ChaosMemory } from '../../model/chaos.ts';
import type { ChaosRequest } from '../../model/observation.ts';
import { cutShort } from './advance.ts';
import { begin, runId } from './begin.ts';
import type { StepInput } from './step-input.ts';

type Reply = Omit<Answer, 'id' | 'until'>;

/** Carries out new requests on `memory`, and returns their answers. A request that must wait a tick has none yet. */
export function answerRequests(input: StepInput, memory: ChaosMemory): Answer[] {
  const { seen, now } = input;
  const answers: Answer[] = [];
  for (const request of seen.requests ?? []) {
    const known = [...memory.answers, ...answers].some((a) => a.id === request.id);
    if (known || request.expiresAt <= now) continue;
    const reply = request.action === 'stop' ? stop(request, input, memory) : run(request, input, memory);
    if (reply) answers.push({ id: request.id, until: request.expiresAt, ...reply });
  }
  return answers;
}

function stop({ experiment, by }: ChaosRequest, { now }: StepInput, memory: ChaosMemory): Reply {
  const runs = memory.runs.filter((r) => experiment === undefined || r.experiment === experiment);
  for (const run of runs) cutShort(run, 'aborted', by ? `stopped by ${by}` : 'stopped on request', now);
  if (experiment === undefined) memory.due = {};
  const names = runs.map((r) => r.experiment).join(', ');
  return { accepted: true, because: runs.length > 0 ? `${names}: ended and reverted` : 'no experiment was running' };
}

function run({ id, experiment = '' }: ChaosRequest, input: StepInput, memory: ChaosMemory): Reply | undefined {
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
  if ('blocked' in begun) return { accepted: false, ...begun.blocked };
  return { accepted: true, because: begun.run.summary, run: begun.run.id };
}
