/** Shows one policy: facts, chart, decisions with their reasons, experiments, document. */
import { charts } from './chart.js';
import { documentSection } from './document.js';
import { h, setText } from './dom.js';
import { experimentsSection } from './experiments.js';
import { ago, duration, health } from './format.js';
import { get, onChange, policies } from './store.js';
import { timelineSection } from './timeline.js';

export function policyPage(main, name) {
  const path = `/api/policies/${encodeURIComponent(name)}`;
  const state = h('span', { class: 'tag' });
  const summary = h('p', { class: 'dim' });
  const notices = h('div', { 'aria-live': 'polite' });
  const facts = Object.fromEntries(
    ['running', 'desired', 'pending', 'visible', 'in flight', 'oldest'].map((key) => [key, h('b', {}, '-')]),
  );
  main.append(
    h('div', { class: 'bar' }, h('h1', {}, name), state),
    summary,
    notices,
    h(
      'div',
      { class: 'facts' },
      Object.entries(facts).map(([key, value]) => h('div', { class: 'fact' }, value, h('span', {}, key))),
    ),
  );
  const chart = charts(main, path);
  const left = h('div', {});
  const right = h('div', {});
  main.append(h('div', { class: 'columns' }, left, right));
  const timeline = timelineSection(left, path);
  const experiments = experimentsSection(right, path);
  const text = documentSection(main, path);

  let generation;
  let detailKey;
  async function refreshDetail() {
    try {
      const detail = await get(path);
      experiments.show(detail);
      text.show(detail);
      chart.mark(detail.experiments);
    } catch (error) {
      notices.replaceChildren(h('p', { class: 'notice' }, error.message));
    }
  }

  function update() {
    const p = policies.get(name);
    if (!p) return;
    const { word, kind } = health(p);
    state.className = `tag ${kind}`;
    setText(state, word);
    setText(
      summary,
      p.at === undefined ? 'not evaluated yet' : `version ${p.generation}, ${p.mode}; ${ago(p.at)}: ${p.summary}`,
    );
    setText(facts.running, p.workers ? String(p.workers.running) : '?');
    setText(facts.desired, p.workers ? String(p.workers.desired) : '?');
    setText(facts.pending, p.workers ? String(p.workers.pending) : '?');
    setText(facts.visible, p.queue ? String(p.queue.visible) : '?');
    setText(facts['in flight'], p.queue ? String(p.queue.inFlight) : '?');
    setText(
      facts.oldest,
      p.oldestAge ? `${p.oldestAge.estimated ? '~' : ''}${duration(p.oldestAge.seconds * 1000)}` : '-',
    );
    showNotices(p);
    chart.add(p);
    // The summary lacks some parts; the page asks for them when the summary shows that they changed.
    const key = JSON.stringify([p.generation, p.refused?.version, p.running.map((r) => [r.id, r.phase])]);
    if (key !== detailKey || p.generation !== generation) refreshDetail();
    detailKey = key;
    generation = p.generation;
  }

  let noticeKey = '';
  function showNotices(p) {
    const lines = [
      ...(p.refused
        ? [
            [
              `Version ${p.refused.version} was refused; version ${p.generation} stays in force. ${p.refused.problems.map((q) => `Line ${q.line}, ${q.path}: ${q.message}${q.hint ? ` (${q.hint})` : ''}`).join('. ')}`,
              '',
            ],
          ]
        : []),
      ...[p.queueProblem, p.serviceProblem]
        .filter(Boolean)
        .map((t) => [`Not read: ${t}. Sluice keeps the workers that there are.`, '']),
      ...p.alerts.map((a) => [
        `Alert ${a.name} (${a.severity}): ${a.message}`,
        a.severity === 'critical' ? '' : 'mild',
      ]),
    ];
    const key = JSON.stringify(lines);
    if (key === noticeKey) return;
    noticeKey = key;
    notices.replaceChildren(...lines.map(([t, mild]) => h('p', { class: `notice ${mild}` }, t)));
  }

  update();
  const unsubscribe = onChange(({ policies: changed, entries, deleted }) => {
    if (changed.includes(name)) update();
    const mine = entries.filter((e) => e.policy === name).map((e) => e.entry);
    if (mine.length > 0) {
      timeline.add(mine);
      chart.addEntries(mine);
      if (mine.some((e) => e.chaos)) refreshDetail();
      const last = mine.at(-1);
      if (last.acted) setText(document.getElementById('announce'), last.summary);
    }
    if (deleted.includes(name))
      notices.replaceChildren(h('p', { class: 'notice' }, 'This policy was deleted; its service keeps its count.'));
  });
  const clock = setInterval(() => update(), 10000);
  return () => {
    unsubscribe();
    clearInterval(clock);
    chart.destroy();
  };
}
