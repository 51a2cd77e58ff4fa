/** Follows a stored version until its effect: stored, in force (or refused), and the first decision under it. */
import { h } from './dom.js';
import { duration } from './format.js';

export function progressOf(steps, version) {
  const since = Date.now();
  const after = () => `after ${duration(Date.now() - since)}`;
  const add = (kind, text) => steps.append(h('li', { class: kind }, text));
  let settled = false;
  let decided = false;
  steps.replaceChildren();
  add('good', `version ${version} is stored`);
  return {
    see({ generation, refused }) {
      if (settled) return;
      if (refused?.version === version) {
        settled = true;
        add('bad', `refused ${after()}: ${refused.problems[0].message}; version ${generation} stays in force`);
      } else if (generation >= version) {
        settled = true;
        add('good', `in force ${after()}`);
      }
    },
    entries(list) {
      for (const e of list) {
        if (decided || e.generation !== version) continue;
        const moves = e.current !== undefined && e.desired !== undefined && e.current !== e.desired;
        if (moves || e.outcome !== 'held') decided = true;
        add(moves ? 'good' : 'dim', moves ? `${e.current} \u2192 ${e.desired} workers: ${e.summary}` : e.summary);
      }
    },
  };
}
