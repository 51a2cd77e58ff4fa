import type { Problem } from '../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Claim } from '../../policies/model/claim.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { StatusDocument } from '../../policies/status.ts';
import { type PipelineEvent, policyNameOf } from '../loop/pipeline-event.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import type { TickRecord } from '../loop/tick.ts';

/** All that is known of one policy now: the read model behind status, API and metrics. */
export interface PolicyView {
  name: string;
  /** The version in force; 0 while there is none. */
  generation: number;
  /** Milliseconds between two ticks. */
  interval?: number;
  /** The author's bounds of the version in force. */
  bounds?: { minWorkers: number; maxWorkers: number };
  /** The queue and service that it is about. */
  target?: NonNullable<StatusDocument['target']>;
  /** The policy's claim on its service, and the policy that owns the service, if that is another one. */
  claim?: Claim;
  owner?: string;
  /** The document in force, as written. */
  text?: string;
  refused?: { version: number; problems: Problem[]; text: string };
  last?: TickRecord;
  lastTickAt?: number | undefined;
}

/** Folds the loop's events into one view for each policy. Every reporter reads these views. */
export class Board {
  readonly name = 'board';
  readonly keeps = 'the status, the page and the metrics';
  readonly policies = new Map<string, PolicyView>();

  /** Returns a view as it will be once `memory` holds, to be stored before the change is made. */
  foresee(view: PolicyView, memory: Memory, decision: Decision | undefined = view.last?.decision): PolicyView {
    if (!decision) return view;
    const last: TickRecord = { kind: 'tick', decision, actions: [], results: [], memory, after: memory, took: 0 };
    return { ...view, last };
  }

  viewOf(event: PipelineEvent): PolicyView {
    return this.view(policyNameOf(event));
  }

  /** Returns the view of a policy; an empty one for a policy that nothing is known of. */
  view(name: string): PolicyView {
    return this.policies.get(name) ?? { name, generation: 0 };
  }

  /** Returns the view after the event. For a deletion that is the last view there was. */
  apply(event: PipelineEvent): PolicyView {
    const view = this.viewOf(event);
    this.policies.set(view.name, view);
    if (event.kind === 'tick') {
      view.last = event;
      view.lastTickAt = event.decision.at;
    }
    if (event.kind === 'spec') this.#change(view, event.change);
    return view;
  }

  #change(view: PolicyView, change: PolicyEvent): void {
    switch (change.kind) {
      case 'deleted':
        this.policies.delete(view.name);
        return;
      case 'orphaned':
        view.target = targetOf(change.policy);
        return;
      case 'claimed':
        view.claim = change.claim;
        if (change.owner === undefined) delete view.owner;
        else view.owner = change.owner;
        return;
      case 'refused':
        view.refused = { version: change.version, problems: change.problems, text: change.text };
        return;
      case 'applied':
        view.generation = change.policy.metadata.generation;
        view.text = change.text;
        view.interval = change.policy.spec.interval;
        view.bounds = boundsOf(change.policy);
        view.target = targetOf(change.policy);
        // The new version has not ticked yet; an old tick must not make it look hung.
        view.lastTickAt = undefined;
        // A newer good version heals a refused one; the older one that stays in force does not.
        if (view.refused && view.generation > view.refused.version) delete view.refused;
    }
  }
}

const boundsOf = ({ spec }: WorkerPolicy): NonNullable<PolicyView['bounds']> => {
  const { minWorkers, maxWorkers } = spec.scaling;
  return { minWorkers, maxWorkers };
};

const targetOf = ({ spec: { queue, service } }: WorkerPolicy): NonNullable<PolicyView['target']> => ({
  queue,
  service,
});
