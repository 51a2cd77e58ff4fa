/** Edits the document: editor, consequence, reason, store with a version check, and the way of the edit into force. */
import { h, setText } from './dom.js';
import { aheadPanel } from './edit-ahead.js';
import { progressOf } from './edit-progress.js';
import { get, post, token } from './store.js';
import { tokenField } from './token.js';

const CALM_MS = 400;

/** Returns { open, show, entries }. `open(text, reason)` begins an edit; the other two tell of what happens meanwhile. */
export function editSection(parent, path) {
  const holder = h('div', { class: 'editor' });
  const said = h('p', { role: 'status', class: 'dim' });
  const reason = h('input', {
    'aria-label': 'reason for the edit',
    placeholder: 'why (kept with the version)',
    maxlength: 300,
  });
  const store = h('button', { type: 'button', class: 'primary', onclick: () => save() }, 'Store');
  const close = h('button', { type: 'button', onclick: () => end() }, 'Close');
  const who = h('span', {});
  const note = h('p', { class: 'dim' });
  const head = h('h2', { class: 'grow' }, 'Edit');
  const steps = h('ol', { class: 'steps', 'aria-live': 'polite' });
  const ahead = aheadPanel(path, () => view?.text() ?? '');
  const section = h(
    'section',
    { class: 'edit', 'aria-label': 'edit', hidden: true, onkeydown: (e) => keys(e) },
    h('div', { class: 'bar' }, head, who, close),
    note,
    holder,
    said,
    ahead.element,
    h('div', { class: 'bar' }, reason, store),
    steps,
  );
  parent.append(section);

  let detail;
  let view;
  let base;
  let schema;
  let editor;
  let checked = { ok: false };
  let due;
  let progress;
  let back;

  const newest = () => Math.max(detail?.generation ?? 0, detail?.refused?.version ?? 0);
  const mayWrite = () => detail?.writes === 'free' || (detail?.writes === 'token' && token.get() !== '');

  /** Ctrl-Enter stores; Escape outside the editor closes. */
  function keys(event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
    if (event.key === 'Escape' && event.composedPath()[0] === reason) end();
    if (event.key === 'Escape') event.stopPropagation();
  }

  async function validate(text) {
    const given = await post(`${path}/validate`, { text });
    checked = given;
    const problems = given.ok ? [] : given.problems;
    store.disabled = !given.ok || !mayWrite();
    say(
      given.ok
        ? given.warnings.join('. ')
        : `${problems.length === 1 ? '1 problem' : `${problems.length} problems`}; the first: line ${problems[0].line}, ${problems[0].path}: ${problems[0].message}`,
      given.ok ? 'warn' : 'bad',
    );
    if (given.ok) await ahead.show();
    else ahead.invalid('the text is not valid; fix it first');
    return problems;
  }

  function say(text, kind = 'dim') {
    said.className = kind;
    setText(said, text);
  }

  async function open(text, why = '') {
    back = document.activeElement;
    base ??= { version: newest(), text: detail.text ?? '' };
    reason.value = why;
    section.hidden = false;
    steps.replaceChildren();
    who.replaceChildren(...(detail.writes === 'token' ? [tokenField(() => build(view?.text() ?? text))] : []));
    await build(text);
    view?.focus();
    section.scrollIntoView({ block: 'start' });
  }

  async function build(text) {
    try {
      editor ??= await import('./edit-view.js');
      schema ??= await get('/api/schema');
    } catch {
      say('The editor could not be loaded. Reload the page, or use: sluice policy edit.', 'bad');
      return;
    }
    view?.close();
    const readOnly = !mayWrite();
    setText(head, `Edit: version ${base.version} beside your text`);
    setText(
      note,
      readOnly
        ? detail.writes === 'no'
          ? 'Read only: writes are switched off here. Start Sluice with --token to edit; on a standby, edit on the page of the leader.'
          : 'Read only: give the bearer token to edit.'
        : 'Ctrl-Space completes, Tab leaves the editor, Ctrl-Enter stores.',
    );
    store.disabled = true;
    view = editor.editorView(holder, {
      base: base.text,
      text,
      label: 'policy document',
      schema,
      readOnly,
      validate,
      changed: () => {
        clearTimeout(due);
        due = setTimeout(() => view.check(), CALM_MS);
      },
    });
    view.check();
  }

  function end() {
    clearTimeout(due);
    ahead.close();
    view?.close();
    view = undefined;
    base = undefined;
    section.hidden = true;
    back?.focus();
  }

  async function save() {
    if (store.disabled || !view || !checked.ok) return;
    const text = view.text();
    if (text === base.text) return say('Nothing has changed; there is nothing to store.');
    store.disabled = true;
    say('storing');
    try {
      const { version, warning } = await post(`${path}/edits`, { text, ifVersion: base.version, reason: reason.value });
      say(warning ?? '', 'warn');
      base = { version, text };
      reason.value = '';
      progress = progressOf(steps, version);
      progress.see(detail);
    } catch (error) {
      if (error.answer?.kind === 'conflict') await conflict(error.answer.now, text);
      else say(error.message, 'bad');
    }
    store.disabled = false;
  }

  /** Puts the version that was stored meanwhile on the left. Storing again is then an answer to that version. */
  async function conflict(now, text) {
    base = now ?? { version: 0, text: '' };
    await build(text);
    const what = now ? `Version ${now.version} was stored meanwhile` : 'The policy was deleted meanwhile';
    setText(
      note,
      `${what}; nothing of yours was stored. It now stands beside your text: take over what you want, then store again.`,
    );
    view.focus();
  }

  return {
    open,
    /** Takes the newest summary or detail. */
    show(given) {
      detail = { ...detail, refused: undefined, ...given };
      progress?.see(detail);
    },
    entries: (list) => progress?.entries(list),
    isOpen: () => !section.hidden,
    newest,
  };
}
