import type { Problem } from '../../policies/document/parse.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { StatusDocument } from '../../policies/status.ts';
import type { PipelineEvent } from '../loop/pipeline-event.ts';
import type { TickRecord } from '../loop/tick.ts';

/** What is known of one policy now: the read model behind status, API and metrics. */
export interface PolicyView {
  name: string;
  /** The version in force; 0 while there is none. */
  generation: number;
  /** Milliseconds between two ticks. */
  interval?: number;
  /** The queue and service that it is about. */
  target?: NonNullable<StatusDocument['target']>;
  /** The document in force, as written. */
  text?: string;
  refused?: { version: number; problems: Problem[]; text: string };
  last?: TickRecord;
  lastTickAt?: number | undefined;
}

/** Folds the loop's events into one view a policy. */
export class Board {
  readonly policies = new Map<string, PolicyView>();

  /** A view as it will be once `memory` holds; for what must be written down before it is done. */
  foresee(view: PolicyView, memory: Memory, decision: Decision | undefined = view.last?.decision): PolicyView {
    if (!decision) return view;
    const last: TickRecord = { kind: 'tick', decision, actions: [], results: [], memory, after: memory, took: 0 };
    return { ...view, last };
  }

  /** The view after the event; for a deletion the last view there was. */
  apply(event: PipelineEvent): PolicyView {
    const name = event.kind === 'tick' ? event.decision.policy : event.kind === 'spec' ? event.change.name : event.name;
    const view = this.policies.get(name) ?? { name, generation: 0 };
    this.policies.set(name, view);
    if (event.kind === 'tick') {
      view.last = event;
      view.lastTickAt = event.decision.at;
      return view;
    }
    if (event.kind === 'broken') return view;
    const { change } = event;
    if (change.kind === 'deleted') this.policies.delete(name);
    if (change.kind === 'orphaned')
      view.target = { queue: change.policy.spec.queue, service: change.policy.spec.service };
    if (change.kind === 'refused')
      view.refused = { version: change.version, problems: change.problems, text: change.text };
    if (change.kind === 'applied') {
      view.generation = change.policy.metadata.generation;
      view.text = change.text;
      const { interval, queue, service } = change.policy.spec;
      view.interval = interval;
      view.target = { queue, service };
      // The new version has not ticked yet; an old tick must not make it look hung.
      view.lastTickAt = undefined;
      // A refused version is healed by a newer good one, and not by the older one that is put back in force.
      if (view.refused && change.policy.metadata.generation > view.refused.version) delete view.refused;
    }
    return view;
  }
}
