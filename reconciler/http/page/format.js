/** Shows numbers and times to people. */

export function duration(ms) {
  const s = Math.round(ms / 1000);
  if (s < 1) return ms < 1 ? '0 s' : `${Math.round(ms)} ms`;
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min${s % 60 && s < 600 ? ` ${s % 60} s` : ''}`;
  return s < 172800 ? `${Math.round(s / 3600)} h` : `${Math.round(s / 86400)} d`;
}

export const ago = (at, now = Date.now()) =>
  at === undefined ? '' : now - at < 1500 ? 'now' : `${duration(now - at)} ago`;

/** Hours and minutes, and seconds where they matter. */
export const axisTime = (at) => (at % 60 === 0 ? clock(at * 1000).slice(0, 5) : clock(at * 1000));

const two = (n) => String(n).padStart(2, '0');

export function clock(at) {
  const d = new Date(at);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** Returns the most important fact about a policy in a word or two, with its color and its rank in the list. */
export function health(p) {
  if (p.refused) return { word: `version ${p.refused.version} refused`, kind: 'bad', rank: 0 };
  if (p.queueProblem || p.serviceProblem)
    return { word: `cannot read the ${p.queueProblem ? 'queue' : 'service'}`, kind: 'bad', rank: 0 };
  if (p.alerts.length > 0)
    return { word: 'alert', kind: p.alerts.some((a) => a.severity === 'critical') ? 'bad' : 'warn', rank: 1 };
  if (p.running.length > 0) return { word: `experiment ${p.running[0].phase}`, kind: 'warn', rank: 2 };
  if (p.mode === 'paused') return { word: 'paused', kind: 'dim', rank: 4 };
  if (p.outcome === undefined) return { word: 'not evaluated yet', kind: 'dim', rank: 3 };
  return { word: p.mode === 'observe' ? 'observing' : 'well', kind: 'good', rank: 5 };
}

const OUTCOMES = {
  scaleUp: 'good',
  scaleDown: 'accent',
  held: 'warn',
  unobserved: 'bad',
  steady: 'dim',
  paused: 'dim',
};
export const outcomeClass = (outcome) => OUTCOMES[outcome] ?? 'dim';
