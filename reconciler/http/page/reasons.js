/** Shows the whole chain of one decision: observed, proposed, guarded, done. It shows the record and rephrases nothing. */
import { h } from './dom.js';

export function reasons({ decision, actions, results }) {
  const { observation: o, proposals, guards, current, desired, chaos } = decision;
  const seen = [
    ['queue', reading(o.queue, (q) => `${q.visible} visible, ${q.inFlight} in flight, ${q.delayed} delayed`)],
    [
      'service',
      reading(
        o.service,
        (s) =>
          `${s.desired} desired, ${s.running} running, ${s.pending} pending${s.deploying ? ', deployment in progress' : ''}`,
      ),
    ],
    ...(o.age
      ? [
          [
            'age',
            reading(o.age, (a) =>
              a ? `${a.seconds} s${a.estimated ? ' (estimated)' : ''}` : 'none: the queue is idle',
            ),
          ],
        ]
      : []),
    ...(o.rates
      ? [
          [
            'rates',
            reading(o.rates, (r) =>
              r ? `${r.sent}/s sent, ${r.received}/s received, ${r.deleted}/s deleted` : 'no points yet',
            ),
          ],
        ]
      : []),
  ];
  const limit = guards.findLast((g) => g.from !== g.to);
  return h(
    'div',
    {},
    block('Decided by', [decider(limit, proposals, desired)]),
    block(
      'Observed',
      seen.map(([name, text]) => row(name, text)),
    ),
    block(
      'Proposed',
      proposals.map((p) => row(p.strategy, `${p.desired}${p.abstained ? ' (abstains)' : ''}: ${p.because}`)),
    ),
    block(
      'Guards, in order',
      guards.map((g) =>
        row(
          g.guard,
          `${g.from === g.to ? g.to : `${g.from} \u2192 ${g.to}`}: ${g.because}`,
          g === limit ? 'changed deciding' : g.from !== g.to && 'changed',
        ),
      ),
    ),
    block('Result', [
      row(
        'desired',
        desired === undefined
          ? 'no decision'
          : current === desired
            ? `${desired}, no change needed`
            : `${current} \u2192 ${desired}`,
      ),
      ...actions.map((a, i) => row(a.kind, outcome(results[i]), results[i]?.outcome === 'failed' && 'changed')),
      ...(chaos?.running ?? []).map((r) => row('experiment', `${r.experiment} is ${r.phase}: ${r.summary}`)),
    ]),
  );
}

const outcome = (result) =>
  result?.outcome === 'failed' ? `failed: ${result.message}` : (result?.outcome ?? 'planned');
const reading = (r, show) => (r.ok ? show(r.value) : `not read: ${r.failure.message}`);
/** Returns the last guard that changed the count, or the strategy whose count stands. */
function decider(limit, proposals, desired) {
  if (limit) return row(`guard ${limit.guard}`, `${limit.from} \u2192 ${limit.to}: ${limit.because}`, 'deciding');
  const strategy = proposals.find((p) => p.desired === desired && !p.abstained);
  return strategy
    ? row(`strategy ${strategy.strategy}`, `${strategy.desired}: ${strategy.because}`, 'deciding')
    : row('nothing', 'no count was decided');
}
const row = (name, text, kind) => h('tr', { class: kind || '' }, h('th', { scope: 'row' }, name), h('td', {}, text));
const block = (title, rows) =>
  rows.length > 0 ? h('div', {}, h('h3', {}, title), h('table', {}, h('tbody', {}, rows))) : null;
