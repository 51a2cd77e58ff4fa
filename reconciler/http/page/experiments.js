/** Shows experiments: state, next occurrence, buttons, reports. */
import { confirmed } from './confirm.js';
import { h } from './dom.js';
import { effectOf } from './effect.js';
import { ago, duration, fullTime, time } from './format.js';
import { post } from './store.js';
import { tokenField } from './token.js';

const VERDICTS = { passed: 'good', failed: 'bad', aborted: 'warn', interrupted: 'warn', inconclusive: 'warn' };

/** `policy` returns the policy's newest summary. */
export function experimentsSection(parent, path, policy) {
  const body = h('div', {});
  const said = h('p', { role: 'status', class: 'dim' });
  parent.append(h('section', { 'aria-label': 'experiments' }, h('h2', {}, 'Experiments'), body, said));

  async function ask(request, button) {
    button.disabled = true;
    said.className = 'dim';
    said.textContent = 'waiting for the answer';
    try {
      const answer = await post(`${path}/experiments`, request);
      said.className = answer.accepted ? 'good' : 'bad';
      said.textContent = `${answer.accepted ? 'accepted' : 'refused'}: ${answer.because}`;
    } catch (error) {
      said.className = 'bad';
      said.textContent = error.message;
    }
    button.disabled = false;
  }

  /** Names the effect first, and runs only when the reader agrees. */
  async function run({ name, fault }, button) {
    const { mode, workers } = policy() ?? {};
    const effect =
      mode === 'enforce'
        ? effectOf(fault, workers?.desired)
        : [`The policy is in mode ${mode}: Sluice notes the request and changes nothing.`];
    if (await confirmed(`Run ${name} now?`, effect, `Run ${name}`))
      await ask({ action: 'run', experiment: name }, button);
    else button.focus();
  }

  function show({ experiments: { list, reports, skipped, enabled }, writes }) {
    const open = new Set([...body.querySelectorAll('details[open]')].map((d) => d.dataset.run));
    const running = list.some((e) => e.running);
    body.replaceChildren(
      ...(list.length === 0 ? [h('p', { class: 'dim' }, 'This policy has no experiments. See docs/chaos.md.')] : []),
      ...(list.length > 0 && !enabled
        ? [h('p', { class: 'dim' }, 'Failure simulation is switched off (spec.chaos.enabled).')]
        : []),
      ...(writes === 'token' && list.length > 0 ? [tokenField()] : []),
      ...list.map((e) => experiment(e, writes, ask, run)),
      ...(running && writes !== 'no'
        ? [
            h(
              'button',
              { type: 'button', onclick: (ev) => ask({ action: 'stop' }, ev.currentTarget) },
              'Stop all and revert',
            ),
          ]
        : []),
      ...(reports.length > 0 ? [h('h3', {}, 'Reports'), ...reports.map((r) => report(r, open.has(r.id)))] : []),
      ...(skipped.length > 0
        ? [
            h('h3', {}, 'Skipped lately'),
            ...skipped
              .slice(0, 3)
              .map((s) => h('p', { class: 'dim' }, `${time(s.at)} ${s.experiment}: ${s.precondition}, ${s.because}`)),
          ]
        : []),
    );
  }
  return { show };
}

function experiment(e, writes, ask, run) {
  const when = e.running
    ? `${e.running.phase} since ${time(e.running.startedAt)}`
    : e.next === undefined
      ? 'on request'
      : `next in ${duration(e.next - Date.now())} (${time(e.next)})`;
  const button = e.running
    ? h(
        'button',
        { type: 'button', onclick: (ev) => ask({ action: 'stop', experiment: e.name }, ev.currentTarget) },
        'Stop',
      )
    : h(
        'button',
        {
          type: 'button',
          disabled: !e.enabled,
          onclick: (ev) => run(e, ev.currentTarget),
        },
        'Run now',
      );
  button.setAttribute('aria-label', `${button.textContent} ${e.name}`);
  return h(
    'div',
    { class: 'experiment', 'data-experiment': e.name },
    h(
      'div',
      { class: 'bar' },
      h('b', {}, e.name),
      h(
        'span',
        { class: `tag ${e.running ? 'warn' : e.enabled ? 'dim' : 'bad'}` },
        e.running ? 'running' : e.enabled ? e.fault.type : 'off',
      ),
      h('span', { class: 'grow' }),
      writes === 'no' ? null : button,
    ),
    h('p', { class: 'dim' }, e.running ? `${e.running.summary}; ${when}` : when),
  );
}

function report(r, open) {
  const facts = [
    ['started', fullTime(r.startedAt)],
    ['why', r.because],
    ['fault', r.summary],
    ['detected', r.timeToDetect === undefined ? undefined : `after ${r.timeToDetect} s`],
    ['recovered', r.timeToRecover === undefined ? undefined : `in ${r.timeToRecover} s`],
    ['peak', `${r.peak.visible} visible${r.peak.age === undefined ? '' : `, oldest ${r.peak.age} s`}`],
    ['tasks stopped', r.stopped],
    ['dead letters', r.deadLetters],
    ['run', r.id],
  ];
  return h(
    'details',
    { 'data-run': r.id, open },
    h(
      'summary',
      {},
      h('span', { class: `tag ${VERDICTS[r.verdict] ?? 'dim'}` }, r.verdict),
      ` ${r.experiment}, ${ago(r.startedAt)}`,
    ),
    h(
      'div',
      { class: 'reasons' },
      h(
        'table',
        {},
        h(
          'tbody',
          {},
          facts
            .filter(([, v]) => v !== undefined)
            .map(([k, v]) => h('tr', {}, h('th', { scope: 'row' }, k), h('td', {}, String(v)))),
        ),
      ),
    ),
  );
}
