/** Decisions in the words and colors of a terminal. Reads the record and rephrases nothing. */
import { budgetWords } from '../../policies/grammar/budget-words.ts';
import { describeAction } from '../../policies/grammar/describe-action.ts';
import type { Decision, GuardStep, Outcome, Proposal } from '../../policies/model/decision.ts';
import type { FailedTask, Observation, QueueCounts, QueueReading, Reading } from '../../policies/model/observation.ts';
import { escapeStrings } from './escape-terminal.ts';
import { color } from './terminal.ts';
import { timeText } from './time.ts';

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

/** True when a decision changes the count. In observe mode it is only told. */
const isScaling = (outcome: Outcome): boolean => outcome === 'scaleUp' || outcome === 'scaleDown';

/** Returns one line: outcome, summary, and the writes of experiments. */
export function decisionLine(decision: Decision): string {
  const { outcome, summary, chaos, mode } = escapeStrings(decision);
  const would = mode === 'observe' && isScaling(outcome) ? color.yellow('would ') : '';
  const writes = (chaos?.actions ?? []).map(describeAction);
  return `${would}${paintOutcome(outcome)} ${summary}${writes.length > 0 ? color.magenta(`; ${writes.join('; ')}`) : ''}`;
}

/** Returns the whole chain of reasons of one decision, over several lines. */
export function explainDecision(raw: Decision): string {
  const decision = escapeStrings(raw);
  const {
    policy,
    generation,
    at,
    mode,
    outcome,
    observation,
    proposals,
    guards,
    chaos,
    alerts,
    budget,
    changedElsewhere,
  } = decision;
  return [
    `${color.bold(policy)} ${versionText(generation)} (${mode}) at ${timeText(at)}: ${paintOutcome(outcome).trim()}${isObserved(decision) ? ' (observe mode: nothing is written)' : ''}`,
    color.bold('  observed'),
    ...observed(observation),
    ...(changedElsewhere
      ? [
          `    ${color.yellow('elsewhere')} somebody else changed the count: ${changedElsewhere.from} -> ${changedElsewhere.to}`,
        ]
      : []),
    ...(proposals.length > 0 ? [color.bold('  proposals'), ...proposals.map(proposalLine)] : []),
    ...(guards.length > 0 ? [color.bold('  guards'), ...guards.map(guardLine)] : []),
    ...(budget ? [`  ${color.bold('budget')}     ${budgetWords(budget)}`] : []),
    `  ${color.bold('desired')}    ${desired(decision)}`,
    ...(chaos?.running ?? []).map(
      ({ experiment, id, phase, summary }) =>
        `  ${color.magenta('experiment')} ${experiment} (run ${id}) is ${phase}: ${summary}`,
    ),
    ...alerts.map((a) => `  ${a.firing ? color.red('alert') : color.dim('alert pending')} ${a.name}: ${a.message}`),
  ].join('\n');
}

const isObserved = ({ mode, outcome }: Decision): boolean => mode === 'observe' && isScaling(outcome);

/** Version 0 stands for a document that no parameter holds. */
const versionText = (generation: number): string => (generation === 0 ? 'from a file' : `version ${generation}`);

const countsText = ({ visible, inFlight, delayed }: QueueCounts): string =>
  `${visible} visible, ${inFlight} in flight, ${delayed} delayed`;

function queueLine({ name, weight = 1, counts, age }: QueueReading): string {
  const old = age?.ok && age.value ? `, oldest message ${age.value.seconds} s` : '';
  return `      ${name}${weight === 1 ? '' : ` (weight ${weight})`}: ${reading(counts, countsText)}${old}`;
}

function observed({ queue, queues = [], service, age, rates, groups, tasks, failedStarts }: Observation): string[] {
  const lines = [
    `    queue    ${reading(queue, countsText)}`,
    ...queues.map(queueLine),
    `    service  ${reading(service, (s) => `${s.desired} desired, ${s.running} running, ${s.pending} pending${s.deploying ? ', deployment in progress' : ''}`)}`,
  ];
  if (age)
    lines.push(
      `    age      ${reading(age, (a) => (a ? `oldest message ${a.seconds} s${a.estimated ? ' (estimated)' : ''}` : noAge(queue)))}`,
    );
  if (rates)
    lines.push(
      `    rates    ${reading(rates, (r) => (r ? `${r.sent}/s sent, ${r.received}/s received, ${r.deleted}/s deleted` : 'CloudWatch has no points yet'))}`,
    );
  if (groups)
    lines.push(
      `    groups   ${reading(groups, (g) => (g ? `${g.inFlight} with messages in flight` : 'CloudWatch has no points yet'))}`,
    );
  if (tasks)
    lines.push(
      `    tasks    ${reading(tasks, (t) => `${t.running} running, ${t.starting} starting${t.startUpSeconds === undefined ? '' : `, start-up takes ${t.startUpSeconds} s`}`)}`,
    );
  if (failedStarts?.ok && failedStarts.value) lines.push(...failedTask(failedStarts.value.last));
  return lines;
}

/** Elsewhere than on this machine, the ID leads to the log: it stands in the name of the log stream. */
function failedTask({ task, exitCode, reason, lastLines }: FailedTask): string[] {
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  const log = lastLines ? ', its last lines:' : '; its log is where logConfiguration of the task definition sends it';
  return [
    `    ${color.red('failed')}   task ${task}${code} (${reason})${log}`,
    ...(lastLines ?? []).map((line) => `             | ${line}`),
  ];
}

/** CloudWatch has no age while a queue is idle, and for some minutes after it wakes up. */
function noAge(queue: Observation['queue']): string {
  const waiting = queue.ok && queue.value.visible > 0;
  return waiting ? 'not known: CloudWatch has no points yet' : 'no age: the queue is idle';
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

function desired(decision: Decision): string {
  const { current, desired, summary } = decision;
  if (desired === undefined) return `no decision: ${summary}`;
  const would = isObserved(decision) ? 'would be ' : '';
  return current === desired ? `${desired}` : `${would}${current} -> ${desired}`;
}
