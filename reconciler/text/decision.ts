/** Decisions in the words and colors of a terminal. Reads the record and rephrases nothing. */
import { describeAction } from '../../policies/grammar/describe-action.ts';
import type { Decision, GuardStep, Outcome, Proposal } from '../../policies/model/decision.ts';
import type { Observation, Reading } from '../../policies/model/observation.ts';
import { escapeStrings } from './escape-terminal.ts';
import { color } from './terminal.ts';

type Paint = (text: string) => string;

const PAINT: Record<Outcome, Paint> = {
  scaleUp: color.green,
  scaleDown: color.cyan,
  steady: color.dim,
  held: color.yellow,
  unobserved: color.red,
  paused: color.dim,
};

/** A log of another version may hold outcomes that this one does not know. */
const paintOutcome = (outcome: Outcome): string => (PAINT[outcome] ?? color.dim)(outcome.padEnd(10));

/** Returns one line: outcome, summary, and the writes of experiments. */
export function decisionLine(decision: Decision): string {
  const { outcome, summary, chaos } = escapeStrings(decision);
  const writes = (chaos?.actions ?? []).map(describeAction);
  return `${paintOutcome(outcome)} ${summary}${writes.length > 0 ? color.magenta(`; ${writes.join('; ')}`) : ''}`;
}

/** Returns the whole chain of reasons of one decision, over several lines. */
export function explainDecision(raw: Decision): string {
  const decision = escapeStrings(raw);
  const { policy, generation, at, mode, outcome, observation, proposals, guards, chaos, alerts } = decision;
  return [
    `${color.bold(policy)} version ${generation} (${mode}) at ${new Date(at).toISOString()}: ${paintOutcome(outcome).trim()}`,
    color.bold('  observed'),
    ...observed(observation),
    ...(proposals.length > 0 ? [color.bold('  proposals'), ...proposals.map(proposalLine)] : []),
    ...(guards.length > 0 ? [color.bold('  guards'), ...guards.map(guardLine)] : []),
    `  ${color.bold('desired')}    ${desired(decision)}`,
    ...(chaos?.running ?? []).map(
      ({ experiment, id, phase, summary }) =>
        `  ${color.magenta('experiment')} ${experiment} (run ${id}) is ${phase}: ${summary}`,
    ),
    ...alerts.map((a) => `  ${a.firing ? color.red('alert') : color.dim('alert pending')} ${a.name}: ${a.message}`),
  ].join('\n');
}

function observed({ queue, service, age, rates, tasks }: Observation): string[] {
  const lines = [
    `    queue    ${reading(queue, (q) => `${q.visible} visible, ${q.inFlight} in flight, ${q.delayed} delayed`)}`,
    `    service  ${reading(service, (s) => `${s.desired} desired, ${s.running} running, ${s.pending} pending${s.deploying ? ', deployment in progress' : ''}`)}`,
  ];
  if (age)
    lines.push(
      `    age      ${reading(age, (a) => (a ? `oldest message ${a.seconds} s${a.estimated ? ' (estimated)' : ''}` : 'no age: the queue is idle'))}`,
    );
  if (rates)
    lines.push(
      `    rates    ${reading(rates, (r) => (r ? `${r.sent}/s sent, ${r.received}/s received, ${r.deleted}/s deleted` : 'CloudWatch has no points yet'))}`,
    );
  if (tasks)
    lines.push(
      `    tasks    ${reading(tasks, (t) => `${t.running} running, ${t.starting} starting${t.startUpSeconds === undefined ? '' : `, start-up takes ${t.startUpSeconds} s`}`)}`,
    );
  return lines;
}

const reading = <T>(r: Reading<T>, show: (value: T) => string): string =>
  r.ok ? show(r.value) : color.red(`not read: ${r.failure.message}`);

const proposalLine = ({ strategy, desired, abstained, because }: Proposal): string =>
  `    ${strategy}: ${desired}${abstained ? ' (abstains)' : ''}, because ${because}`;

function guardLine({ guard, from, to, because }: GuardStep): string {
  const passes = from === to;
  const change = passes ? color.dim(`${to}`) : color.yellow(`${from} -> ${to}`);
  return `    ${guard.padEnd(13)} ${change}  ${passes ? color.dim(because) : because}`;
}

function desired({ current, desired, summary }: Decision): string {
  if (desired === undefined) return `no decision: ${summary}`;
  return current === desired ? `${desired}` : `${current} -> ${desired}`;
}
