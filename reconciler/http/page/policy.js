/** Shows one policy: badges, facts, chart, history with reasons, experiments, document. */
import { editBadge, healthBadges, limitBadge } from './badges.js';
import { charts } from './chart.js';
import { documentSection } from './document.js';
import { h, setText } from './dom.js';
import { editSection } from './edit.js';
import { experimentsSection } from './experiments.js';
import { facts } from './facts.js';
import { ago, said } from './format.js';
import { historySection } from './history.js';
import { notices } from './notices.js';
import { showBadges } from './row.js';
import { get, onChange, policies, ready } from './store.js';

/** Returns { leave, move }: `move` follows an address within this policy, and says whether it could. */
export function policyPage(main, place) {
  const name = place.policy;
  let left = false;
  let shown;
  if (policies.has(name)) shown = whole(main, place);
  else {
    shown = shell(main);
    ready.then(() => {
      if (left) return;
      main.replaceChildren();
      shown = policies.has(name) ? whole(main, place) : unknown(main, name);
    });
  }
  return {
    leave() {
      left = true;
      shown.leave();
    },
    move: (next) => shown.move?.(next) ?? false,
  };
}

function shell(main) {
  main.append(h('p', { class: 'dim', role: 'status' }, 'loading'));
  return { leave: () => {} };
}

/** Says what is wrong with the name and what to do. It turns into the policy as soon as there is one. */
function unknown(main, name) {
  const why = h('p', {}, `No policy has the name ${name}.`);
  main.append(
    h(
      'section',
      { class: 'empty' },
      h('h1', {}, 'No such policy'),
      why,
      h(
        'p',
        {},
        'It may have been deleted, or the address may be misspelled. Its service, if it has one, keeps its count.',
      ),
      h('p', {}, 'To store it: sluice policy apply FILE. This page then shows it by itself.'),
      h('p', {}, h('a', { href: '#/' }, 'See all policies')),
    ),
  );
  get(`/api/policies/${encodeURIComponent(name)}`).catch((error) => setText(why, `${error.message}.`));
  const unsubscribe = onChange(({ policies: changed }) => {
    if (changed.includes(name)) dispatchEvent(new HashChangeEvent('hashchange'));
  });
  return { leave: unsubscribe };
}

function whole(main, place) {
  const name = place.policy;
  const path = `/api/policies/${encodeURIComponent(name)}`;
  const badges = h('span', { class: 'badges', 'aria-label': 'state', role: 'group' });
  const summary = h('p', { class: 'dim', id: 'summary' });
  const notes = notices();
  const numbers = facts();
  main.append(h('div', { class: 'bar' }, h('h1', {}, name), badges), summary, notes.element, numbers.element);
  const chart = charts(main, path, place);
  const left = h('div', {});
  const right = h('div', {});
  main.append(h('div', { class: 'columns' }, left, right));
  const experiments = experimentsSection(right, path, () => policies.get(name));
  const edit = editSection(main, path);
  const text = documentSection(main, path, edit);
  const timeline = historySection(left, path, {
    name,
    at: place.at,
    rollback: (version) => text.rollback(version),
    marks: (entries) => chart.flag(entries),
  });

  let detailKey;
  async function refreshDetail() {
    try {
      const detail = await get(path);
      experiments.show(detail);
      text.show(detail);
      timeline.show(detail);
      chart.mark(detail);
    } catch (error) {
      notes.say(error.message);
    }
  }

  function update() {
    const p = policies.get(name);
    if (!p) return;
    showBadges(badges, [editBadge(p), ...healthBadges(p), limitBadge(p)]);
    setText(summary, p.at === undefined ? 'not evaluated yet' : `${p.mode}; ${ago(p.at)}: ${said(p)}`);
    numbers.show(p);
    notes.show(p);
    edit.show(p);
    chart.add(p);
    // The summary lacks some parts; the page asks for them when the summary shows that they changed.
    const key = JSON.stringify([p.generation, p.refused?.version, p.running.map((r) => [r.id, r.phase])]);
    if (key !== detailKey) refreshDetail();
    if (detailKey !== undefined && key !== detailKey) timeline.edits();
    detailKey = key;
  }

  update();
  const unsubscribe = onChange(({ policies: changed, entries, deleted }) => {
    if (changed.includes(name)) update();
    const mine = entries.filter((e) => e.policy === name).map((e) => e.entry);
    if (mine.length > 0) {
      timeline.add(mine);
      edit.entries(mine);
      if (mine.some((e) => e.chaos)) refreshDetail();
      const last = mine.at(-1);
      if (last.acted) setText(document.getElementById('announce'), last.summary);
    }
    if (deleted.includes(name)) {
      showBadges(badges, [{ word: 'deleted', kind: 'bad' }]);
      notes.say(
        'This policy was deleted. Its service keeps its count; Sluice no longer scales it. To go on, store the policy again: sluice policy apply FILE.',
      );
    }
  });
  const clock = setInterval(() => update(), 10000);
  return {
    leave() {
      unsubscribe();
      clearInterval(clock);
      chart.destroy();
    },
    move(next) {
      if (next.at !== undefined) timeline.reveal(next.at);
      chart.range(next.range);
      return true;
    },
  };
}
