/** One entry of the history: its time, which is a link to it, its kind or counts, and its words; it opens into the details. */
import { h } from './dom.js';
import { fullTime, outcomeClass, said, time } from './format.js';
import { reasons } from './reasons.js';
import { get } from './store.js';

const CLASSES = { edit: 'accent', experiment: 'warn', alert: 'warn', elsewhere: 'elsewhere', restart: 'dim' };
const NAMES = { edit: 'edit', experiment: 'experiment', alert: 'alert', elsewhere: 'by others', restart: 'restart' };

export function itemOf(entry, { path, link, flash, rollback }) {
  const isDecision = entry.id !== undefined;
  const details = h(
    'details',
    { ontoggle: () => details.open && open(details, entry, { path, link, rollback }) },
    h(
      'summary',
      {},
      h(
        'time',
        { class: 'num dim', datetime: new Date(entry.at).toISOString(), title: fullTime(entry.at) },
        time(entry.at),
      ),
      h(
        'span',
        { class: isDecision ? outcomeClass(entry.outcome) : entry.bad ? 'bad' : (CLASSES[entry.kind] ?? '') },
        isDecision ? counts(entry) : (NAMES[entry.kind] ?? 'decision'),
      ),
      h(
        'span',
        { class: 'why' },
        entry.failed ? h('b', { class: 'bad' }, 'failed: ') : null,
        isDecision ? chaosWords(entry) : null,
        isDecision ? said(entry) : entry.text,
      ),
    ),
  );
  return h('li', { class: flash ? 'flash' : '' }, details);
}

function counts({ outcome, mode, current, desired }) {
  return current !== undefined && desired !== undefined && current !== desired
    ? `${mode === 'observe' ? 'would ' : ''}${current} \u2192 ${desired}`
    : outcome;
}

function chaosWords({ chaos }) {
  if (!chaos) return null;
  const words = [
    ...chaos.started.map((name) => `experiment ${name} starts; `),
    ...chaos.ended.map(({ experiment, verdict }) => `experiment ${experiment} ${verdict}; `),
    ...chaos.skipped.map(({ experiment, precondition }) => `experiment ${experiment} skipped: ${precondition}; `),
  ];
  return words.length > 0 ? h('b', { class: 'warn' }, ...words) : null;
}

async function open(details, entry, { path, link, rollback }) {
  if (details.children.length > 1) return;
  const holder = h('div', { class: 'reasons' }, 'loading');
  details.append(holder);
  const foot = h('p', {}, h('a', { href: link }, 'Link to this entry'), ` (${fullTime(entry.at)})`);
  try {
    holder.replaceChildren(await bodyOf(entry, path, rollback), foot);
  } catch (error) {
    holder.replaceChildren(h('p', { class: 'dim' }, error.message), foot);
  }
}

async function bodyOf(entry, path, rollback) {
  if (entry.id !== undefined) return reasons(await get(`${path}/timeline/${entry.id}`));
  if (entry.kind !== 'edit') return h('p', {}, entry.text);
  const lines = entry.lines.map((l) =>
    h('div', { class: l.kind }, h('span', {}, l.kind === 'added' ? '+' : '-'), h('span', {}, l.text)),
  );
  return h(
    'div',
    {},
    h('p', {}, entry.text),
    lines.length > 0 ? h('div', { class: 'code' }, lines) : null,
    h('button', { type: 'button', onclick: () => rollback(entry.version) }, `Go back to version ${entry.version}`),
  );
}
