/** Shows numbers and times to people. Times are the reader's local time; the header names the zone. */

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

function day(at) {
  const d = new Date(at);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/** Returns the time, with the day before it unless it is today. */
export const time = (at, now = Date.now()) => (day(at) === day(now) ? clock(at) : `${day(at)} ${clock(at)}`);

/** Returns the reader's zone, such as UTC+02:00. */
export function zone(at = Date.now()) {
  const minutes = -new Date(at).getTimezoneOffset();
  const size = Math.abs(minutes);
  return minutes === 0 ? 'UTC' : `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

export const fullTime = (at) => `${day(at)} ${clock(at)} ${zone(at)}`;

/** Returns "1 worker", "2 workers". */
export const counted = (n, noun) => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** Returns a decision's sentence. In mode observe nothing was changed, and the sentence says so. */
export const said = ({ mode, outcome, summary }) =>
  mode === 'observe' && ['scaleUp', 'scaleDown'].includes(outcome) ? `would scale ${summary}` : summary;

const OUTCOMES = {
  scaleUp: 'good',
  scaleDown: 'accent',
  held: 'warn',
  unobserved: 'bad',
  steady: 'dim',
  paused: 'dim',
};
export const outcomeClass = (outcome) => OUTCOMES[outcome] ?? 'dim';
