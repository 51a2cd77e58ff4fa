/** Says in sentences what is wrong with a policy, and what Sluice does about it. All that holds is said; nothing hides another. */
import { h } from './dom.js';

export function notices() {
  const element = h('div', { 'aria-live': 'polite' });
  let shown = '';
  function put(lines) {
    const key = JSON.stringify(lines);
    if (key === shown) return;
    shown = key;
    element.replaceChildren(...lines.map(([text, mild, log]) => notice(text, mild, log)));
  }
  return {
    element,
    say: (text) => put([[text]]),
    show: (p) => put([...refused(p), ...unread(p), ...concerns(p), ...alerts(p)]),
  };
}

/** Returns a sentence, and below it the lines of a log that it speaks of. */
function notice(text, mild, log) {
  const lines = log ? [h('pre', {}, log.join('\n'))] : [];
  return h('div', { class: mild ? 'notice mild' : 'notice' }, text, ...lines);
}

function refused({ refused: edit, generation }) {
  if (!edit) return [];
  const stays =
    generation > 0
      ? `version ${generation} stays in force`
      : 'no version is in force, and Sluice does not touch the service';
  const problems = edit.problems.map((q) => `Line ${q.line}, ${q.path}: ${q.message}${q.hint ? ` (${q.hint})` : ''}`);
  return [[`Version ${edit.version} was refused; ${stays}. ${problems.join('. ')}`]];
}

const unread = ({ queueProblem, serviceProblem }) =>
  [queueProblem, serviceProblem]
    .filter(Boolean)
    .map((t) => [`Not read: ${t}. Sluice keeps the workers that there are.`]);

/** Conditions that have a badge of their own and no sentence elsewhere. */
const TOLD_ELSEWHERE = ['PolicyValid', 'Observed', 'ScalingLimited', 'ChaosActive', 'Alerting'];

const concerns = ({ concerns: list, lastLines, queueProblem, serviceProblem, refused: edit }) =>
  list
    .filter(({ type }) => !TOLD_ELSEWHERE.includes(type))
    .filter(
      ({ type, reason }) =>
        !(type === 'Ready' && (queueProblem || serviceProblem || (edit && reason === 'NoPolicyInForce'))),
    )
    .map(({ type, reason, message }) => [
      sentence(message),
      ['Paused', 'Observing', 'MaxWorkersReached', 'Drained'].includes(reason),
      type === 'WorkersStart' ? lastLines : undefined,
    ]);

const alerts = ({ alerts: list }) =>
  list.map((a) => [`Alert ${a.name} (${a.severity}): ${a.message}`, a.severity !== 'critical']);

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
