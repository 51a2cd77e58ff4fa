/**
 * The editor: CodeMirror, with the version in force beside the edit. It lives in a shadow root, where its styles are
 * constructed style sheets: the page's policy for content allows no style element.
 */

import { h } from './dom.js';
import { fieldsAt, placeIn, schemasAt, valuesAt, wordsOf } from './edit-schema.js';
import * as cm from './vendor/codemirror.js';

const { EditorState, EditorView, tags } = cm;
const LINT_DELAY_MS = 250;

const THEME = EditorView.theme({
  '&': { backgroundColor: 'var(--card)', color: 'var(--ink)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--accent)' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--card)', color: 'var(--dim)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'transparent' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--fault)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--card)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    maxWidth: '460px',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent)', color: 'var(--card)' },
  '.cm-hover': { padding: '6px 10px' },
  '.cm-hover p': { margin: '0' },
  '.cm-diagnostic': { whiteSpace: 'pre-wrap' },
  '.cm-changedLine': { backgroundColor: 'var(--added) !important' },
  '&.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--removed) !important' },
  '.cm-deletedChunk': { backgroundColor: 'var(--removed)' },
});
const COLORS = cm.HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.number, tags.bool], color: 'var(--inflight)' },
  { tag: tags.comment, color: 'var(--dim)' },
  { tag: tags.string, color: 'var(--good)' },
]);
/** The columns of the merge view, which CodeMirror leaves to the page on narrow screens. */
const SHEET = `
  .cm-mergeView { max-height: 60vh; overflow: auto; border: 1px solid var(--line); border-radius: 7px; }
  .cm-editor { min-height: 120px; }`;

const placeOf = (state, pos) => {
  const line = state.doc.lineAt(pos);
  return placeIn(state.doc.toString().split('\n'), line.number - 1, pos - line.from);
};

const about = (schema) => {
  const { kind, description } = wordsOf(schema);
  return h('div', { class: 'cm-hover' }, h('p', {}, h('b', {}, kind)), description ? h('p', {}, description) : null);
};

function completion(schema) {
  return (context) => {
    const { path, value, type } = placeOf(context.state, context.pos);
    const word = context.matchBefore(/[\w.-]*/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const options = value
      ? valuesAt(schema, path, type).map((label) => ({ label, type: 'enum' }))
      : fieldsAt(schema, path, type).map(([label, field, required]) => ({
          label,
          type: 'property',
          detail: required ? 'required' : undefined,
          apply: field.type === 'object' || field.type === 'array' ? `${label}:` : `${label}: `,
          info: () => about(field),
          boost: required ? 1 : 0,
        }));
    return { from: word.from, options, validFor: /^[\w.-]*$/ };
  };
}

const hover = (schema) =>
  cm.hoverTooltip((view, pos) => {
    const word = view.state.wordAt(pos);
    if (!word) return null;
    const { path, type, value } = placeOf(view.state, word.to);
    const name = view.state.sliceDoc(word.from, word.to);
    const [found] = schemasAt(schema, value || path.at(-1) === name ? path : [...path, name], type);
    return found ? { pos: word.from, end: word.to, above: true, create: () => ({ dom: about(found) }) } : null;
  });

/** Turns the validator's problems, whose lines and columns count from 1, into marks from their place to the line's end. */
const marked = (problems, doc) =>
  problems.map(({ line, col, path, message, hint }) => {
    const at = doc.line(Math.min(Math.max(1, line), doc.lines));
    const from = Math.min(at.from + col - 1, at.to);
    const text = `${path ? `${path}: ` : ''}${message}${hint ? ` (${hint})` : ''}`;
    return { from, to: Math.max(from, at.to), severity: 'error', message: text };
  });

/**
 * Shows `base` (left, or as deleted lines on a narrow screen) and `text` to edit. `validate` resolves to problems of a
 * text. `changed` is called at each change. Returns handles.
 */
export function editorView(holder, { base, text, label, schema, readOnly, validate, changed }) {
  const shadow = holder.shadowRoot ?? holder.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(SHEET);
  shadow.adoptedStyleSheets = [sheet];
  const look = [THEME, cm.syntaxHighlighting(COLORS), cm.yaml(), cm.lineNumbers(), EditorView.lineWrapping];
  const mine = [
    look,
    cm.history(),
    cm.autocompletion({ override: [completion(schema)] }),
    hover(schema),
    cm.linter(async (view) => marked(await validate(view.state.doc.toString()), view.state.doc), {
      delay: LINT_DELAY_MS,
    }),
    cm.lintGutter(),
    cm.indentOnInput(),
    // Tab leaves the editor, so that a keyboard can; completion and the list of problems have keys of their own.
    cm.keymap.of([...cm.completionKeymap, ...cm.lintKeymap, ...cm.defaultKeymap, ...cm.historyKeymap]),
    EditorState.readOnly.of(readOnly),
    EditorView.editable.of(!readOnly),
    EditorView.contentAttributes.of({ 'aria-label': readOnly ? `${label}, read only` : label, tabindex: '0' }),
    EditorView.updateListener.of((u) => u.docChanged && changed(u.state.doc.toString())),
  ];
  const theirs = [
    look,
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': 'stored version, read only', tabindex: '0' }),
  ];
  const wide = holder.clientWidth >= 700;
  const merge = wide
    ? new cm.MergeView({
        a: { doc: base, extensions: theirs },
        b: { doc: text, extensions: mine },
        parent: shadow,
        root: shadow,
        revertControls: readOnly ? undefined : 'a-to-b',
        gutter: true,
      })
    : undefined;
  const view =
    merge?.b ??
    new EditorView({
      parent: shadow,
      root: shadow,
      state: EditorState.create({
        doc: text,
        extensions: [mine, cm.unifiedMergeView({ original: base, mergeControls: !readOnly })],
      }),
    });
  return {
    text: () => view.state.doc.toString(),
    focus: () => view.focus(),
    check: () => cm.forceLinting(view),
    close() {
      (merge ?? view).destroy();
      shadow.replaceChildren();
    },
  };
}
