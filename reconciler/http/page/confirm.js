/** Asks before something that hurts. Resolves to true when the reader agrees; Escape and Cancel are no. */
import { h } from './dom.js';

export function confirmed(title, sentences, agree) {
  return new Promise((resolve) => {
    const no = h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel');
    const yes = h('button', { type: 'button', class: 'danger', onclick: () => dialog.close('yes') }, agree);
    const heading = h('h2', { id: 'confirm-title' }, title);
    const dialog = h(
      'dialog',
      {
        'aria-labelledby': 'confirm-title',
        onclose: () => {
          dialog.remove();
          resolve(dialog.returnValue === 'yes');
        },
      },
      heading,
      sentences.map((sentence) => h('p', {}, sentence)),
      h('div', { class: 'bar' }, h('span', { class: 'grow' }), no, yes),
    );
    document.body.append(dialog);
    dialog.showModal();
    // The harmless answer has the focus: Enter by habit changes nothing.
    no.focus();
  });
}
