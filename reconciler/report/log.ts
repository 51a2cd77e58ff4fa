import pino, { type DestinationStream, type Logger } from 'pino';
import { formatProblem } from '../../policies/document/parse.ts';
import { describeAction } from '../../policies/grammar/describe-action.ts';
import type { ChaosStep } from '../../policies/model/chaos.ts';
import type { Instant } from '../../policies/model/observation.ts';
import type { PipelineEvent } from '../loop/pipeline-event.ts';
import type { PolicyEvent } from '../loop/policy-event.ts';
import type { TickRecord } from '../loop/tick.ts';
import type { PolicyView } from './board.ts';

export { LOG_LEVELS } from '../text/levels.ts';

/** The process's logger: pino JSON, one line an event, ISO time. Message names are stable; see docs/logging.md. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** A decision that changes nothing is told once in this time; every other one at once. */
const QUIET_INTERVAL_MS = 60_000;

interface LastLogged {
  at: Instant;
  signature: string;
  alerts: Map<string, string>;
  /** Parts of the observation that could not be read, and why. */
  missing: Map<string, string>;
  troubled: boolean;
}

/**
 * Writes the reconciliation log. Each tick leaves one decision record: at info when something changed or a minute has
 * passed, at debug otherwise. Warnings say what happened, what Sluice does now (`effect`) and what to do (`todo`).
 */
export class DecisionLog {
  readonly #log: Logger;
  readonly #told = new Map<string, LastLogged>();

  constructor(log: Logger) {
    this.#log = log;
  }

  write(event: PipelineEvent, view: PolicyView): void {
    if (event.kind === 'tick') this.#tick(event);
    else if (event.kind === 'spec') this.#spec(event.change, view);
    else
      this.#log.error(
        {
          policy: event.name,
          version: view.generation,
          err: event.error,
          effect: 'nothing was changed; the next tick is tried after a back-off',
          todo: 'report this: it is a defect of Sluice',
        },
        'tick broke',
      );
  }

  #tick(record: TickRecord): void {
    const { decision, actions, results, memory, took } = record;
    const { policy, generation: version, at } = decision;
    const told = this.#told.get(policy) ?? {
      at: Number.NEGATIVE_INFINITY,
      signature: '',
      alerts: new Map(),
      missing: new Map(),
      troubled: false,
    };
    const signature = `${version} ${decision.outcome} ${decision.mode} ${problemOf(record)?.code ?? ''}`;
    const loud =
      actions.length > 0 ||
      isEventful(decision.chaos) ||
      signature !== told.signature ||
      at - told.at >= QUIET_INTERVAL_MS;
    const failed = results.filter((r) => r.outcome === 'failed');
    const { policy: _, generation: __, summary, ...rest } = decision;
    const fields = {
      policy,
      version,
      summary,
      actions: actions.map(describeAction),
      decision: rest,
      results,
      memory: withoutEvidence(memory),
      took,
    };
    if (loud) this.#log.info(fields, 'decision');
    else this.#log.debug(fields, 'decision');
    for (const result of failed)
      this.#log.warn(
        {
          policy,
          version,
          code: result.code,
          problem: result.message,
          effect: 'the count was not changed; it is tried again at the next tick',
          todo: result.hint ?? 'look at the AWS error',
        },
        'action failed',
      );
    this.#reads(record, told, loud);
    this.#experiments(record);
    this.#alerts(record, told);
    this.#told.set(policy, { ...told, at: loud ? at : told.at, signature, troubled: problemOf(record) !== undefined });
  }

  #reads(record: TickRecord, told: LastLogged, loud: boolean): void {
    const { policy, generation: version } = record.decision;
    const problem = problemOf(record);
    if (problem && loud)
      this.#log.warn(
        {
          policy,
          version,
          code: problem.code,
          class: problem.class,
          problem: problem.message,
          failedTicks: record.after.failedTicks,
          effect: 'the count is held; nothing is scaled in',
          todo: problem.hint ?? 'wait: it is tried again',
        },
        'read failed',
      );
    if (!problem && told.troubled) this.#log.info({ policy, version }, 'read recovered');
    this.#parts(record, told);
  }

  /** What decisions can do without, told once for each kind of failure. */
  #parts({ decision }: TickRecord, told: LastLogged): void {
    const { policy, generation: version, observation } = decision;
    const missing = new Map<string, string>();
    for (const part of ['age', 'rates', 'tasks'] as const) {
      const reading = observation[part];
      if (!reading || reading.ok) continue;
      const { code, class: kind, message, hint } = reading.failure;
      const signature = `${code} ${message}`;
      if (![...missing.values(), ...told.missing.values()].includes(signature))
        this.#log.warn(
          {
            policy,
            version,
            part,
            code,
            class: kind,
            problem: message,
            effect: 'decisions are made without it',
            todo: hint ?? 'wait: it is tried again',
          },
          'part not read',
        );
      missing.set(part, signature);
    }
    told.missing = missing;
  }

  /** What experiments did: started, ended, refused, answered. */
  #experiments({ decision: { policy, generation: version, chaos } }: TickRecord): void {
    if (!chaos) return;
    for (const { id: run, experiment, fault, summary, deadline } of chaos.started)
      this.#log.info(
        { policy, version, experiment, run, fault, summary, deadline: new Date(deadline).toISOString() },
        'experiment started',
      );
    for (const run of chaos.ended) {
      const { id, experiment, fault, verdict, because } = run;
      const fields = { policy, version, experiment, run: id, fault, verdict, summary: because, report: run };
      if (verdict === 'passed') this.#log.info(fields, 'experiment ended');
      else
        this.#log.warn(
          {
            ...fields,
            problem: because,
            effect: 'the fault is reverted; scaling goes on',
            todo: `read the report: sluice chaos report ${id} --policy ${policy}`,
          },
          'experiment ended',
        );
    }
    for (const { experiment, precondition, because, at } of chaos.skipped)
      this.#log.info(
        { policy, version, experiment, precondition, summary: because, at: new Date(at).toISOString() },
        'experiment skipped',
      );
    for (const { id: request, accepted, because } of chaos.answers)
      this.#log.info({ policy, version, request, accepted, summary: because }, 'request answered');
  }

  #alerts(record: TickRecord, told: LastLogged): void {
    const { policy, generation: version, alerts } = record.decision;
    const firing = new Map(alerts.filter((a) => a.firing).map((a) => [a.name, a.message]));
    for (const { name, severity, message, since } of alerts)
      if (firing.has(name) && !told.alerts.has(name))
        this.#log.warn(
          {
            policy,
            version,
            alert: name,
            severity,
            since: new Date(since).toISOString(),
            problem: message,
            effect: 'scaling goes on by its rules',
            todo: `look at the workers and the queue: sluice explain ${policy}`,
          },
          'alert firing',
        );
    for (const name of told.alerts.keys())
      if (!firing.has(name)) this.#log.info({ policy, version, alert: name }, 'alert resolved');
    told.alerts = firing;
  }

  #spec(change: PolicyEvent, view: PolicyView): void {
    const policy = change.name;
    if (change.kind === 'applied')
      this.#log.info({ policy, version: change.policy.metadata.generation, text: change.text }, 'policy applied');
    if (change.kind === 'deleted') {
      this.#told.delete(policy);
      this.#log.info(
        { policy, version: view.generation, effect: 'the service keeps its count and is no longer scaled' },
        'policy deleted',
      );
    }
    if (change.kind === 'refused') {
      const effect =
        change.inForce > 0
          ? `version ${change.inForce} stays in force`
          : 'no version is in force; the service is not touched';
      const problems = change.problems.map((p) => formatProblem(policy, p));
      this.#log.warn(
        {
          policy,
          version: change.version,
          inForce: change.inForce,
          problems,
          effect,
          todo: `mend the document: sluice policy edit ${policy}`,
        },
        'policy refused',
      );
    }
  }
}

/** While experiments run, and when anything about them happens, every tick is evidence. */
const isEventful = (chaos: ChaosStep | undefined): boolean =>
  chaos !== undefined && [chaos.running, chaos.ended, chaos.skipped, chaos.answers].some((list) => list.length > 0);

/** Of ended runs only the ids matter for decisions to come; their reports were logged when they ended. */
function withoutEvidence({ chaos, ...memory }: TickRecord['memory']): object {
  return chaos ? { ...memory, chaos: { ...chaos, recent: chaos.recent.map(({ id }) => ({ id })) } } : memory;
}

function problemOf({ decision: { observation } }: TickRecord) {
  const failed = [observation.queue, observation.service].find((r) => !r.ok);
  return failed && !failed.ok ? failed.failure : undefined;
}
