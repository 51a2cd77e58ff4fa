/** Shows the consequence of an edit before it is stored: now, the last hours replayed, and a backtest on the queue's past. */
import { h, option } from './dom.js';
import { duration, time } from './format.js';
import { get, post } from './store.js';

const PASTS = ['1h', '6h', '1d', '7d', '14d'];
const POLL_MS = 500;

const percent = (share) => `${(100 * share).toFixed(share > 0.99 ? 3 : 1)} %`;
const hours = (value) => `${value.toFixed(value < 100 ? 2 : 0)} worker-hours`;
const changed = (is, was) => (was > 0 ? ` (${is >= was ? '+' : ''}${(100 * (is / was - 1)).toFixed(1)} %)` : '');
const count = (n) => (n === undefined ? 'no count' : String(n));

/** `path` is the policy's address in the API; `text` returns the edit. */
export function aheadPanel(path, text) {
  const now = h('dd', {}, '-');
  const replayed = h('dd', {}, '-');
  const past = h('select', { 'aria-label': 'past to run on' }, PASTS.map(option));
  past.value = '1d';
  const run = h('button', { type: 'button', onclick: () => start() }, 'Run backtest');
  const cancel = h('button', { type: 'button', hidden: true, onclick: () => stop() }, 'Cancel backtest');
  const bar = h('progress', { max: 1, value: 0, hidden: true, 'aria-label': 'progress of the backtest' });
  const said = h('p', { class: 'dim', role: 'status' });
  const result = h('div', {});
  const element = h(
    'div',
    { class: 'ahead' },
    h('h3', {}, 'If you store this'),
    h('dl', { 'aria-live': 'polite' }, h('dt', {}, 'now'), now, h('dt', {}, 'last hours, replayed'), replayed),
    h('div', { class: 'bar' }, h('span', {}, 'backtest on the queue\u2019s last'), past, run, cancel, bar),
    said,
    result,
  );

  async function show() {
    try {
      const { now: next, replay } = await post(`${path}/ahead`, { text: text() });
      now.replaceChildren(nowWords(next));
      replayed.replaceChildren(...replayWords(replay));
    } catch (error) {
      invalid(error.message);
    }
  }

  function invalid(why) {
    now.replaceChildren(why);
    replayed.replaceChildren('-');
  }

  let running;
  function busy(is) {
    run.disabled = is;
    cancel.hidden = !is;
    bar.hidden = !is;
  }

  async function start() {
    result.replaceChildren();
    bar.value = 0;
    try {
      const { id } = await post(`${path}/backtests`, { text: text(), past: past.value });
      running = id;
      busy(true);
      cancel.focus();
      said.textContent = 'reading the queue\u2019s past from CloudWatch';
      await follow(id);
    } catch (error) {
      said.textContent = error.message;
    }
    busy(false);
    running = undefined;
  }

  async function follow(id) {
    for (;;) {
      const found = await get(`/api/backtests/${id}`);
      if (found.state === 'running') {
        bar.value = found.share;
        said.textContent = `running both versions: ${Math.floor(100 * found.share)} %`;
      } else if (found.state === 'cancelled') {
        said.textContent = 'cancelled';
        return;
      } else if (found.state === 'failed') {
        said.textContent = `no result: ${found.message}${found.hint ? ` (${found.hint})` : ''}`;
        return;
      } else if (found.state === 'done') {
        said.textContent = '';
        result.replaceChildren(table(found));
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  const stop = () =>
    running && post(`/api/backtests/${running}/cancel`, {}).catch((e) => (said.textContent = e.message));
  return { element, show, invalid, close: stop };
}

function nowWords(next) {
  if (!next) return 'not evaluated yet';
  const { was, is, because } = next;
  return was === is
    ? `no difference: ${count(is)} workers (${because})`
    : `${count(is)} workers instead of ${count(was)}: ${because}`;
}

function replayWords({ decisions, differ, workerHours: { was, is }, from, to, first }) {
  if (decisions === 0) return ['no decision is kept yet'];
  const span = duration(Date.parse(to) - Date.parse(from));
  const head = `${differ} of ${decisions} decisions of the last ${span} would differ; ${hours(is)} instead of ${hours(was)}${changed(is, was)}`;
  if (first.length === 0) return [head];
  const rows = first.map((m) =>
    h('li', {}, `${time(Date.parse(m.at))}: ${count(m.is)} instead of ${count(m.was)}, ${m.because}`),
  );
  return [head, h('details', {}, h('summary', {}, 'The first differences'), h('ol', {}, rows))];
}

function table({ before, after, target, messages, least, price }) {
  const rows = [
    ['received in time', (c) => percent(c.withinTarget)],
    ['worker-hours', (c) => c.workerHours.toFixed(1)],
    ['dollars', (c) => `$${c.dollars.toFixed(2)}`],
    ['longest wait', (c) => duration(1000 * c.wait.max)],
    ['99 % wait at most', (c) => duration(1000 * c.wait.p99)],
    ['changes of the count', (c) => String(c.scaleActions)],
  ];
  const cells = (words) =>
    rows.map(([name, pick]) =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, name),
        words.map((c) => h('td', {}, c ? pick(c) : '-')),
      ),
    );
  return h(
    'div',
    {},
    h(
      'table',
      { class: 'numbers' },
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['', 'in force', 'edit'].map((t) => h('th', { scope: 'col' }, t)),
        ),
      ),
      h('tbody', {}, cells([before, after])),
    ),
    h(
      'p',
      { class: 'dim' },
      `${messages} messages; in time is within ${duration(1000 * target)}. The least possible: ${least.workerHours.toFixed(1)} worker-hours, $${least.dollars.toFixed(2)}. Price: $${price.usd} a worker-hour (${price.source}).`,
    ),
  );
}
