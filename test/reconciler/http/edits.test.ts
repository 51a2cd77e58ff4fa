/** The API of an edit: what it answers about a text, when it stores it, and when it refuses. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Backtest, Edit, Edits, Stored } from '../../../reconciler/http/edits.ts';
import { Records } from '../../../reconciler/report/records.ts';
import { pageSite } from '../../support/page-site.ts';
import { policyOf } from '../../support/policy.ts';
import { tickOf } from '../../support/tick.ts';

const textOf = (minWorkers: number) =>
  JSON.stringify({
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name: 'jobs' },
    spec: {
      queue: { name: 'jobs' },
      service: { cluster: 'demo', name: 'jobs' },
      scaling: { minWorkers, maxWorkers: 20, strategies: [{ type: 'threshold' }] },
    },
  });

const records = new Records();
const stored: Edit[] = [];
let answer: Stored = { kind: 'stored', version: 2 };
let running: Backtest | undefined;
const edits: Edits = {
  records: (name) => records.of(name),
  store: async (_name, edit) => {
    stored.push(edit);
    return answer;
  },
  startBacktest: ({ policy }) => {
    if (running) return undefined;
    running = { id: 'b', policy, state: 'reading' };
    return running;
  },
  backtest: (id) => (id === 'b' ? running : undefined),
  cancelBacktest: () => {
    running = undefined;
  },
};
const site = await pageSite({ edits }, { localWrites: true });
const closed = await pageSite({ edits });
for (const { report } of [site, closed])
  report({ kind: 'spec', change: { kind: 'applied', name: 'jobs', policy: policyOf(), text: textOf(1) } });
const start = Date.now();
for (let i = 0; i < 3; i++) {
  const event = tickOf({ at: start + i * 20_000, visible: 1 });
  records.report(site.report(event));
}

async function post(path: string, body: object, to = site.url) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(to + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

test('a text is checked with its places, also by somebody who may not write', async () => {
  const broken = textOf(1).replace('"minWorkers":1', '"minWorkrs":1');
  const { body } = await post('/api/policies/jobs/validate', { text: broken }, closed.url);
  assert.equal(body.ok, false);
  assert.match(JSON.stringify(body.problems), /did you mean minWorkers/);
  assert.equal((await post('/api/policies/jobs/validate', { text: textOf(1) }, closed.url)).body.ok, true);
  assert.equal((await post('/api/policies/jobs/validate', { text: 5 }, closed.url)).status, 400);
});

test('the consequence: now, and over the decisions that are kept', async () => {
  const { body } = await post('/api/policies/jobs/ahead', { text: textOf(4) });
  assert.deepEqual([body.now.was, body.now.is], [1, 4]);
  assert.deepEqual([body.replay.decisions, body.replay.differ], [3, 3]);
  assert.equal(body.replay.first[0].at, new Date(start).toISOString());
  assert.ok(body.replay.workerHours.is > body.replay.workerHours.was);
  assert.equal((await post('/api/policies/jobs/ahead', { text: 'x: [' })).status, 422);
});

test('storing: only with leave, only a valid text, never over a version that was not seen', async () => {
  const edit = { text: textOf(4), ifVersion: 1, reason: 'more' };
  assert.equal((await post('/api/policies/jobs/edits', edit, closed.url)).status, 403);
  assert.equal((await post('/api/policies/jobs/edits', { ...edit, text: 'x' })).status, 422);
  assert.deepEqual(stored, []);
  assert.deepEqual((await post('/api/policies/jobs/edits', edit)).body, { kind: 'stored', version: 2 });
  assert.deepEqual(stored, [edit]);
  answer = { kind: 'conflict', now: { version: 7, text: 'theirs' } };
  const conflict = await post('/api/policies/jobs/edits', edit);
  assert.equal(conflict.status, 409);
  assert.equal(conflict.body.now.text, 'theirs');
  answer = { kind: 'failed', failure: { class: 'needsUser', code: 'x', message: 'not allowed', hint: 'allow it' } };
  assert.match(
    (await post('/api/policies/jobs/edits', edit)).body.error,
    /nothing was stored: not allowed \(allow it\)/,
  );
});

test('one backtest at a time', async () => {
  const ask = (past: string) => post('/api/policies/jobs/backtests', { text: textOf(4), past });
  assert.equal((await ask('1s')).status, 400);
  assert.equal((await ask('1d')).status, 202);
  assert.match((await ask('1d')).body.error, /another backtest runs/);
  assert.equal(JSON.parse(await (await fetch(`${site.url}/api/backtests/b`)).text()).state, 'reading');
  await post('/api/backtests/b/cancel', {});
  assert.equal((await ask('1d')).status, 202);
});

test('the schema is served', async () => {
  const schema = JSON.parse(await (await fetch(`${site.url}/api/schema`)).text());
  assert.equal(schema.title, 'WorkerPolicy');
});

test.after(() => {
  site.close();
  closed.close();
});
test.run();
