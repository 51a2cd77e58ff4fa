/** Small helpers over the DOM. Text is always set as text, so nothing that a queue is called can become markup. */

/** h('p', { class: 'x', onclick: f }, 'text', child, [more]) */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(3).filter((c) => c !== undefined && c !== null && c !== false));
  return element;
}

/** An option of a select whose value is its text. */
export const option = (text) => h('option', {}, text);

const SVG = 'http://www.w3.org/2000/svg';

/** A line through the values, stretched to its box. */
export function spark(values, label) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('viewBox', '0 0 100 24');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', sparkPath(values));
  svg.append(path);
  return svg;
}

export function sparkPath(values) {
  if (values.length < 2) return '';
  const top = Math.max(1, ...values);
  const step = 100 / (values.length - 1);
  return values
    .map((v, i) => `${i === 0 ? 'M' : 'L'}${(i * step).toFixed(1)} ${(23 - (v / top) * 22).toFixed(1)}`)
    .join('');
}

/** Replaces the children only if the text differs, so that a selection or a focus survives an update. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
