import type { Logger } from 'pino';
import { budgetWords } from '../../policies/grammar/budget-words.ts';
import type { BudgetState } from '../../policies/model/decision.ts';
import type { Failure } from '../../policies/model/observation.ts';
import type { TickRecord } from '../loop/tick.ts';
import { RETRIES_BY_ITSELF } from '../text/words.ts';

/** The trouble of one policy that was logged and has not ended: each kind is logged at its start and at its end. */
export interface Trouble {
  /** Firing alerts, by name. */
  alerts: ReadonlySet<string>;
  /** Optional parts of the observation that could not be read, and why. */
  parts: ReadonlyMap<string, string>;
  /** Queue or service could not be read. */
  reads: boolean;
  /** The state of the budget that was told last. */
  budget?: BudgetState['state'] | undefined;
}

export const NO_TROUBLE: Trouble = { alerts: new Set(), parts: new Map(), reads: false };

/** Logs the trouble of one tick, and returns it. `loud`: a failing read is logged again. */
export function logTrouble(log: Logger, record: TickRecord, before: Trouble, loud: boolean): Trouble {
  logFailedWrites(log, record);
  logChangeElsewhere(log, record);
  logReads(log, record, before, loud);
  return {
    reads: failedRead(record) !== undefined,
    parts: logParts(log, record, before.parts),
    alerts: logAlerts(log, record, before.alerts),
    budget: logBudget(log, record, before.budget),
  };
}

/** Returns why the queue or the service could not be read; undefined when both could. */
export function failedRead({ decision: { observation } }: TickRecord): Failure | undefined {
  const failed = [observation.queue, observation.service].find((r) => !r.ok);
  return failed && !failed.ok ? failed.failure : undefined;
}

function logFailedWrites(log: Logger, { decision: { policy, generation: version }, results }: TickRecord): void {
  for (const result of results)
    if (result.outcome === 'failed')
      log.warn(
        {
          policy,
          version,
          code: result.code,
          problem: result.message,
          effect: 'this change was not made; Sluice tries again at the next tick',
          todo: result.hint ?? 'look at the AWS error',
        },
        'action failed',
      );
}

function logChangeElsewhere(log: Logger, { decision }: TickRecord): void {
  const { policy, generation: version, changedElsewhere, summary } = decision;
  if (!changedElsewhere) return;
  const { from, to } = changedElsewhere;
  log.warn(
    {
      policy,
      version,
      from,
      to,
      problem: `somebody else changed the desired count from ${from} to ${to}`,
      effect: `Sluice goes on by the policy and waits for no cooldown: ${summary}`,
      todo: 'let one tool own the count: in Terraform ignore_changes = [desired_count]; no Application Auto Scaling on the service',
    },
    'count changed elsewhere',
  );
}

function logReads(log: Logger, record: TickRecord, before: Trouble, loud: boolean): void {
  const { policy, generation: version } = record.decision;
  const failure = failedRead(record);
  if (failure && loud)
    log.warn(
      {
        policy,
        version,
        code: failure.code,
        class: failure.class,
        problem: failure.message,
        failedTicks: record.after.failedTicks,
        effect: 'Sluice keeps the workers that there are; it removes none',
        todo: failure.hint ?? RETRIES_BY_ITSELF,
      },
      'read failed',
    );
  if (!failure && before.reads) log.info({ policy, version }, 'read recovered');
}

/** Logs each kind of failure once, even if it keeps several parts from being read. */
function logParts(log: Logger, { decision }: TickRecord, before: Trouble['parts']): Trouble['parts'] {
  const { policy, generation: version, observation } = decision;
  const missing = new Map<string, string>();
  const { age, rates, groups, tasks, protection, alarms = {} } = observation;
  const named = Object.entries(alarms).map(([name, reading]) => [`alarm ${name}`, reading] as const);
  for (const [part, reading] of [...Object.entries({ age, rates, groups, tasks, protection }), ...named]) {
    if (!reading || reading.ok) continue;
    const { code, class: kind, message, hint } = reading.failure;
    const signature = `${code} ${message}`;
    if (![...missing.values(), ...before.values()].includes(signature))
      log.warn(
        {
          policy,
          version,
          part,
          code,
          class: kind,
          problem: message,
          effect: 'Sluice decides without it',
          todo: hint ?? RETRIES_BY_ITSELF,
        },
        'part not read',
      );
    missing.set(part, signature);
  }
  return missing;
}

function logAlerts(log: Logger, { decision }: TickRecord, before: Trouble['alerts']): Trouble['alerts'] {
  const { policy, generation: version, alerts } = decision;
  const firing = alerts.filter((a) => a.firing);
  const names = new Set(firing.map((a) => a.name));
  for (const { name, severity, message, since } of firing)
    if (!before.has(name))
      log.warn(
        {
          policy,
          version,
          alert: name,
          severity,
          since: new Date(since).toISOString(),
          problem: message,
          effect: 'Sluice goes on scaling by the policy',
          todo: `look at the workers and the queue: sluice explain ${policy}`,
        },
        'alert firing',
      );
  for (const name of before) if (!names.has(name)) log.info({ policy, version, alert: name }, 'alert resolved');
  return names;
}

/** A budget is a warning as long before it limits the workers as its rule says, and once more when it does. */
function logBudget(log: Logger, { decision }: TickRecord, before: Trouble['budget']): Trouble['budget'] {
  const { policy, generation: version, budget } = decision;
  if (!budget || budget.state === (before ?? 'within')) return budget?.state;
  const problem = budgetWords(budget);
  if (budget.state === 'within') log.info({ policy, version, budget: problem }, 'budget suffices again');
  else {
    const effect =
      budget.state === 'near'
        ? 'Sluice goes on scaling; it lowers maxWorkers when the money left pays for less than an hour of them'
        : 'Sluice runs no more workers than the money left pays for, and never fewer than minWorkers';
    const todo = `raise scaling.budget.perDay, or accept longer waits until midnight: sluice explain ${policy}`;
    log.warn(
      { policy, version, problem, effect, todo },
      budget.state === 'near' ? 'budget near its end' : 'budget limits workers',
    );
  }
  return budget.state;
}
