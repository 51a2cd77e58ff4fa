/** Shows the document: in force, refused with its problems at their lines, its versions, and the way to edit them. */
import { diffLines } from './diff.js';
import { h } from './dom.js';
import { ago } from './format.js';
import { get } from './store.js';

/** `edit` is the section that edits. */
export function documentSection(main, path, edit) {
  const body = h('div', { class: 'code', tabindex: '0', role: 'region', 'aria-label': 'text of the document' });
  const note = h('p', { class: 'dim' });
  const from = h('select', { 'aria-label': 'older version', onchange: () => compare() });
  const to = h('select', { 'aria-label': 'newer version', onchange: () => compare() });
  const views = ['In force', 'Refused', 'Differences'].map((text) =>
    h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => choose(text) }, text),
  );
  const [, refusedButton] = views;
  const pair = h('span', { class: 'bar', hidden: true }, from, h('span', { 'aria-hidden': 'true' }, '\u2192'), to);
  const editButton = h('button', { type: 'button', hidden: true, onclick: () => begin() }, 'Edit');
  const undo = h('button', { type: 'button', hidden: true, onclick: () => rollback() }, 'Undo last edit');
  main.append(
    h(
      'section',
      { 'aria-label': 'document' },
      h('div', { class: 'bar' }, h('h2', { class: 'grow' }, 'Document'), pair, views, editButton, undo),
      note,
      body,
    ),
  );
  let detail;
  let versions = [];
  let chosen = 'In force';

  function choose(text) {
    chosen = text;
    if (text === 'Differences') load();
    render();
  }

  /** Edits the newest text: a refused one is to be mended, and the version in force stands beside it. */
  const begin = () => edit.open(detail.refused?.text ?? detail.text ?? '');

  /** Opens the text of an older version in the editor, so that its consequence is seen before it is stored. */
  async function rollback(version) {
    try {
      ({ versions } = await get(`${path}/versions`));
      const target = version === undefined ? versions[1] : versions.find((v) => v.version === version);
      if (target) await edit.open(target.text, `rollback to version ${target.version}`);
      else note.textContent = 'There is no older version to go back to: SSM keeps the last 100.';
    } catch (error) {
      note.textContent = error.message;
    }
  }

  async function load() {
    try {
      const given = await get(`${path}/versions`);
      versions = given.versions;
      note.textContent = given.problem
        ? `older versions cannot be read: ${given.problem}${given.hint ? ` (${given.hint})` : ''}`
        : '';
      const options = () =>
        versions.map((v) =>
          h('option', { value: v.version }, `version ${v.version}${v.modified ? `, ${ago(v.modified)}` : ''}`),
        );
      from.replaceChildren(...options());
      to.replaceChildren(...options());
      if (versions.length > 1) from.value = String(versions[1].version);
      compare();
    } catch (error) {
      note.textContent = error.message;
    }
  }

  function compare() {
    const text = (select) => versions.find((v) => String(v.version) === select.value)?.text ?? '';
    const lines = diffLines(text(from), text(to));
    const changed = lines.some((l) => l.kind !== 'same');
    body.replaceChildren(
      ...(changed
        ? lines.map((l) => line(l.kind === 'removed' ? '-' : l.kind === 'added' ? '+' : '', l.text, l.kind))
        : [line('', 'no difference', 'same')]),
    );
  }

  const line = (number, text, kind = '') =>
    h('div', { class: kind }, h('span', {}, String(number)), h('span', {}, text));

  function render() {
    for (const b of views) b.setAttribute('aria-pressed', String(b.textContent === chosen));
    pair.hidden = chosen !== 'Differences';
    refusedButton.hidden = !detail?.refused;
    editButton.hidden = !detail?.editable;
    undo.hidden = !detail?.editable || detail.writes === 'no' || edit.newest() < 2;
    if (chosen === 'Refused' && !detail?.refused) chosen = 'In force';
    if (!detail || chosen === 'Differences') return;
    if (chosen === 'In force') {
      note.textContent = detail.generation > 0 ? `version ${detail.generation}` : 'no version is in force';
      body.replaceChildren(...(detail.text ?? '').split('\n').map((text, i) => line(i + 1, text)));
      return;
    }
    const { version, text, problems } = detail.refused;
    note.textContent = `version ${version}, refused; version ${detail.generation} stays in force`;
    body.replaceChildren(
      ...text
        .split('\n')
        .flatMap((row, i) => [
          line(i + 1, row, problems.some((p) => p.line === i + 1) ? 'removed' : ''),
          ...problems
            .filter((p) => p.line === i + 1)
            .map((p) =>
              line(
                '',
                `${' '.repeat(Math.max(0, p.col - 1))}^ ${p.path ? `${p.path}: ` : ''}${p.message}${p.hint ? ` (${p.hint})` : ''}`,
                'problem',
              ),
            ),
        ]),
    );
  }

  return {
    rollback,
    show(given) {
      const newlyRefused = given.refused && given.refused.version !== detail?.refused?.version;
      detail = given;
      edit.show(given);
      if (newlyRefused) chosen = 'Refused';
      if (chosen === 'Differences') load();
      render();
    },
  };
}
