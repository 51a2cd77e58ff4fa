/** Decisions in the words and colours of a terminal. Reads the record; rephrases nothing. */
import { describeAction } from '../../policies/model/action.ts';
import type { Decision, Outcome } from '../../policies/model/decision.ts';
import { color } from './io.ts';

type Paint = (text: string) => string;

const PAINT: Record<Outcome, Paint> = {
  scaleUp: color.green,
  scaleDown: color.cyan,
  steady: color.dim,
  held: color.yellow,
  unobserved: color.red,
  paused: color.dim,
};

export const paintOutcome = (outcome: Outcome): string => PAINT[outcome](outcome.padEnd(9));

/** One line: counts, outcome, and why. */
export function decisionLine(decision: Decision): string {
  const byChaos = (decision.chaos?.actions ?? []).map(describeAction);
  const does = byChaos.length > 0 ? color.magenta(`; ${byChaos.join('; ')}`) : '';
  return `${paintOutcome(decision.outcome)} ${decision.summary}${does}`;
}

/** The whole chain of one decision. */
export function explainDecision(decision: Decision): string {
  const { policy, generation, at, mode, observation, current, proposals, guards, desired, outcome, alerts } = decision;
  const lines = [
    `${color.bold(policy)} version ${generation} (${mode}) at ${new Date(at).toISOString()}: ${paintOutcome(outcome).trim()}`,
    color.bold('  observed'),
    `    queue    ${reading(observation.queue, (q) => `${q.visible} visible, ${q.inFlight} in flight, ${q.delayed} delayed`)}`,
    `    service  ${reading(observation.service, (s) => `${s.desired} desired, ${s.running} running, ${s.pending} pending${s.deploying ? ', deployment in progress' : ''}`)}`,
  ];
  if (observation.age)
    lines.push(
      `    age      ${reading(observation.age, (a) => (a ? `oldest message ${a.seconds} s${a.estimated ? ' (estimated)' : ''}` : 'no age: the queue is idle'))}`,
    );
  if (observation.rates)
    lines.push(
      `    rates    ${reading(observation.rates, (r) => (r ? `${r.sent}/s sent, ${r.received}/s received, ${r.deleted}/s deleted` : 'no points yet'))}`,
    );
  if (observation.tasks)
    lines.push(
      `    tasks    ${reading(observation.tasks, (t) => `${t.running} running, ${t.starting} starting${t.startUpSeconds === undefined ? '' : `, started in ${t.startUpSeconds} s`}`)}`,
    );
  if (proposals.length > 0) lines.push(color.bold('  proposals'));
  for (const p of proposals)
    lines.push(`    ${p.strategy}: ${p.desired}${p.abstained ? ' (abstains)' : ''}, because ${p.because}`);
  if (guards.length > 0) lines.push(color.bold('  guards'));
  for (const g of guards) {
    const change = g.from === g.to ? color.dim(`${g.to}`) : color.yellow(`${g.from} -> ${g.to}`);
    lines.push(`    ${g.guard.padEnd(13)} ${change}  ${g.from === g.to ? color.dim(g.because) : g.because}`);
  }
  if (desired !== undefined)
    lines.push(`  ${color.bold('desired')}    ${current === desired ? desired : `${current} -> ${desired}`}`);
  else lines.push(`  ${color.bold('desired')}    nothing is concluded: ${decision.summary}`);
  for (const { experiment, id, phase, summary } of decision.chaos?.running ?? [])
    lines.push(`  ${color.magenta('experiment')} ${experiment} (run ${id}) is ${phase}: ${summary}`);
  for (const a of alerts)
    lines.push(`  ${a.firing ? color.red('alert') : color.dim('alert pending')} ${a.name}: ${a.message}`);
  return lines.join('\n');
}

function reading<T>(
  r: Decision['observation']['queue'] | { ok: true; value: T } | { ok: false; failure: { message: string } },
  show: (value: T) => string,
): string {
  return r.ok ? show(r.value as T) : color.red(`not read: ${r.failure.message}`);
}
