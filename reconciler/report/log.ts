import type { Logger } from 'pino';
import { formatProblem } from '../../policies/document/parse.ts';
import { describeAction } from '../../policies/grammar/describe-action.ts';
import type { ChaosStep } from '../../policies/model/chaos.ts';
import type { Instant } from '../../policies/model/observation.ts';
import type { BrokenTick, Gap } from '../loop/pipeline-event.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import type { TickRecord } from '../loop/tick.ts';
import { REPORT_DEFECT } from '../text/words.ts';
import type { PolicyView } from './board.ts';
import { logExperiments } from './log-experiments.ts';
import { failedRead, logTrouble, NO_TROUBLE, type Trouble } from './log-trouble.ts';
import type { Report, Reporter } from './reporter.ts';

export { LOG_LEVELS } from '../text/levels.ts';
export { createLogger } from './logger.ts';

/** A decision that changes nothing is logged once in this many milliseconds; every other one at once. */
const QUIET_INTERVAL_MS = 60_000;

interface LastLogged {
  at: Instant;
  /** The kind of decision; a new kind is logged at once. */
  signature: string;
  trouble: Trouble;
  /** The defect that stops experiments. */
  defect: string | undefined;
}

const NOTHING_LOGGED: LastLogged = {
  at: Number.NEGATIVE_INFINITY,
  signature: '',
  trouble: NO_TROUBLE,
  defect: undefined,
};

/**
 * Writes the reconciliation log. Each tick leaves one decision record: at info when something changed or a minute has
 * passed, at debug otherwise. Warnings say what happened, what Sluice does now (`effect`) and what to do (`todo`).
 */
export class DecisionLog implements Reporter {
  readonly name = 'log';
  readonly keeps = 'the log';
  readonly #log: Logger;
  readonly #last = new Map<string, LastLogged>();
  /** Policies whose service another policy owns. */
  readonly #taken = new Set<string>();
  /** The end of the gap that was logged last. */
  #gapUntil = Number.NEGATIVE_INFINITY;

  constructor(log: Logger) {
    this.#log = log;
  }

  report({ event, view }: Report): void {
    if (event.kind === 'tick') this.#tick(event);
    if (event.kind === 'spec') this.#change(event.change, view);
    if (event.kind === 'gap') this.#gap(event, view);
    if (event.kind === 'broken') this.#broken(event, view);
  }

  #tick(record: TickRecord): void {
    const { decision, actions, results, memory, took } = record;
    const { policy, generation: version, summary, at } = decision;
    const last = this.#last.get(policy) ?? NOTHING_LOGGED;
    const signature = signatureOf(record);
    const loud = isEventful(record) || signature !== last.signature || at - last.at >= QUIET_INTERVAL_MS;
    const { policy: _, generation: __, summary: ___, ...rest } = decision;
    const fields = {
      policy,
      version,
      summary,
      actions: actions.map(describeAction),
      ...countsOf(decision),
      took,
      // One field, however much it holds: Logs Insights would count each number in it as a field of its own.
      record: JSON.stringify({ decision: rest, results, memory: withoutEvidence(memory) }),
    };
    if (loud) this.#log.info(fields, 'decision');
    else this.#log.debug(fields, 'decision');
    const trouble = logTrouble(this.#log, record, last.trouble, loud);
    const defect = logExperiments(this.#log, decision, last.defect);
    this.#last.set(policy, { at: loud ? at : last.at, signature, trouble, defect });
  }

  #change(change: PolicyEvent, view: PolicyView): void {
    const policy = change.name;
    if (change.kind === 'applied')
      this.#log.info({ policy, version: change.policy.metadata.generation, text: change.text }, 'policy applied');
    if (change.kind === 'refused') this.#refused(change);
    if (change.kind === 'claimed') this.#claimed(change);
    if (change.kind === 'deleted') {
      this.#last.delete(policy);
      this.#taken.delete(policy);
      this.#log.info(
        { policy, version: view.generation, effect: 'Sluice no longer scales the service, which keeps its count' },
        'policy deleted',
      );
    }
  }

  /** Logs that another policy owns the service, and later that this one does. */
  #claimed({ name: policy, claim: { service }, owner }: Extract<PolicyEvent, { kind: 'claimed' }>): void {
    const wasTaken = this.#taken.delete(policy);
    if (owner === undefined) {
      if (wasTaken) this.#log.info({ policy, service, effect: 'Sluice scales it by this policy now' }, 'service free');
      return;
    }
    this.#taken.add(policy);
    this.#log.warn(
      {
        policy,
        owner,
        service,
        code: 'ServiceTaken',
        problem: `two policies name the service ${service}; ${owner} has named it for longer and owns it`,
        effect: `Sluice decides nothing by ${policy}; it takes over when ${owner} is deleted or names another service`,
        todo: `name another service in ${policy}, or delete one of the two`,
      },
      'service taken',
    );
  }

  #broken({ name, error }: BrokenTick, { generation }: PolicyView): void {
    this.#log.error(
      {
        policy: name,
        version: generation,
        err: error,
        effect: 'this tick changed nothing more; Sluice tries again, less often while it goes on',
        todo: REPORT_DEFECT,
      },
      'tick broke',
    );
  }

  /** Logs a gap once for all policies: when the process stands still, it does so for each of them. */
  #gap({ name, since, until }: Gap, { generation }: PolicyView): void {
    if (since < this.#gapUntil) return;
    this.#gapUntil = until;
    this.#log.warn(
      {
        policy: name,
        version: generation,
        since: new Date(since).toISOString(),
        until: new Date(until).toISOString(),
        problem: `this policy, and perhaps others, was not evaluated for ${Math.round((until - since) / 1_000)} s: the process stood still`,
        effect: 'Sluice evaluates it now; an experiment that it could not watch ends as inconclusive',
        todo: 'look for a suspended machine or container, or for one that lacks CPU',
      },
      'not evaluated',
    );
  }

  #refused({ name, version, inForce, problems }: Extract<PolicyEvent, { kind: 'refused' }>): void {
    this.#log.warn(
      {
        policy: name,
        version,
        inForce,
        problems: problems.map((p) => formatProblem(name, p)),
        effect:
          inForce > 0 ? `version ${inForce} stays in force` : 'no version is in force; the service is not touched',
        todo: `fix the document: sluice policy edit ${name}`,
      },
      'policy refused',
    );
  }
}

/** Returns the numbers that graphs of the log show; of a part that could not be read there is none. */
function countsOf({ outcome, desired, observation: { queue, service } }: TickRecord['decision']) {
  return {
    outcome,
    desired,
    ...(service.ok ? { running: service.value.running } : {}),
    ...(queue.ok ? { visible: queue.value.visible, inFlight: queue.value.inFlight } : {}),
  };
}

const signatureOf = (record: TickRecord): string => {
  const { generation, outcome, mode, guards } = record.decision;
  // The guard leaves a step only while tasks fail: both that and its first refusal are news.
  const failing = guards.find(({ guard }) => guard === 'starting');
  const start = failing && (failing.from === failing.to ? 'failing' : 'held');
  return `${generation} ${outcome} ${mode} ${failedRead(record)?.code ?? ''} ${start ?? ''}`;
};

/** While experiments run, and when anything about them happens, every tick is evidence. */
const isEventful = ({ actions, decision: { chaos, changedElsewhere } }: TickRecord): boolean =>
  actions.length > 0 ||
  changedElsewhere !== undefined ||
  (chaos !== undefined && happenings(chaos).some((list) => list.length > 0));

const happenings = ({ running, ended, skipped, answers }: ChaosStep) => [running, ended, skipped, answers];

/** Of ended runs only the ids matter for decisions to come; their reports were logged when they ended. */
function withoutEvidence({ chaos, ...memory }: TickRecord['memory']): object {
  return chaos ? { ...memory, chaos: { ...chaos, recent: chaos.recent.map(({ id }) => ({ id })) } } : memory;
}
