/** HTTP: what it answers, to whom, and what it refuses. */
import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { test } from 'uvu';
import type { Failure } from '../../../policies/model/observation.ts';
import type { Live } from '../../../reconciler/http/live.ts';
import { listen } from '../../../reconciler/http/server.ts';
import { Board } from '../../../reconciler/report/board.ts';
import { Histories } from '../../../reconciler/report/history.ts';
import { createLogger } from '../../../reconciler/report/log.ts';
import { Metrics } from '../../../reconciler/report/metrics.ts';
import { reportTo } from '../../../reconciler/report/reporter.ts';
import { ReporterGuard } from '../../../reconciler/report/reporter-guard.ts';
import { Timeline } from '../../../reconciler/report/timeline.ts';
import { completed } from '../../../reconciler/settings.ts';
import { policyOf } from '../../support/policy.ts';
import { tickOf } from '../../support/tick.ts';

const state: { lookedAt: number; polledAt: number | undefined; failure: Failure | undefined } = {
  lookedAt: Date.now(),
  polledAt: undefined,
  failure: undefined,
};
const board = new Board();
const metrics = new Metrics();
const timeline = new Timeline();
const histories = new Histories();
const guard = new ReporterGuard(createLogger('silent'), metrics.onReporterError);
const requests: object[] = [];
const live: Live = {
  board,
  guard,
  timeline,
  histories,
  versions: async () => ({
    ok: true,
    versions: [
      { version: 2, text: 'b', modified: 2 },
      { version: 1, text: 'a', modified: 1 },
    ],
  }),
  request: async (policy, request) => {
    requests.push({ policy, ...request });
    return { id: 'r', accepted: true, because: 'stop 1 of 4 tasks', run: 'abc', until: 0 };
  },
  lookedAt: () => state.lookedAt,
  polledAt: () => state.polledAt,
  watchFailure: () => state.failure,
  leadership: () => ({ id: 'test/1', role: 'single' }),
};
const settings = completed({ port: 0, allowedHosts: ['sluice.example.com'] }, true);
const site = await listen(live, metrics.registry, settings);
const { url } = site;
const tell = reportTo(board, [metrics, histories, timeline, site.stream], guard);

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function get(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: string,
  to = url,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(to + path, { headers, method }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    })
      .on('error', reject)
      .end(body);
  });
}

test('not ready before policies were read, nor while they cannot be; alive all the same', async () => {
  assert.equal((await get('/readyz')).status, 503);
  state.polledAt = Date.now();
  assert.equal((await get('/readyz')).status, 200);
  state.failure = { class: 'transient', code: 'ThrottlingException', message: 'Rate exceeded' };
  const unready = await get('/readyz');
  assert.equal(unready.status, 503);
  assert.match(unready.body, /policies could not be read: Rate exceeded/);
  assert.equal((await get('/healthz')).status, 200);
  state.failure = undefined;
});

test('dead when the watch or a policy has stood still for longer than any back-off', async () => {
  state.lookedAt = Date.now() - 10 * 60_000;
  const stuck = await get('/healthz');
  assert.equal(stuck.status, 503);
  assert.match(stuck.body, /the watch last looked 600 s ago/);
  state.lookedAt = Date.now();
  tell({ kind: 'spec', change: { kind: 'applied', name: 'jobs', policy: policyOf(), text: 'the text' } });
  tell(tickOf({ at: Date.now() - 10 * 60_000 }));
  assert.match((await get('/healthz')).body, /jobs last ticked 600 s ago/);
  tell(tickOf({ at: Date.now(), visible: 7 }));
  assert.equal((await get('/healthz')).status, 200);
});

test('health answers under any Host; everything else only under ours', async () => {
  for (const path of ['/healthz', '/readyz'])
    assert.equal((await get(path, { host: '10.1.2.3:8080' })).status, 200, path);
  for (const path of ['/', '/metrics', '/api/policies', '/api/events']) {
    const refused = await get(path, { host: 'evil.example' });
    assert.equal(refused.status, 403, path);
    assert.match(refused.body, /--allowed-hosts/);
  }
  assert.equal((await get('/', { host: 'sluice.example.com' })).status, 200);
});

test('a page of another origin reads nothing', async () => {
  assert.equal((await get('/api/policies', { origin: 'https://evil.example' })).status, 403);
  assert.equal((await get('/api/policies', { origin: 'null' })).status, 403);
  assert.equal((await get('/api/policies', { origin: url })).status, 200);
});

test('the API lists policies, shows one, and helps with a misspelt name', async () => {
  const { policies } = JSON.parse((await get('/api/policies')).body);
  assert.deepEqual(
    policies.map((p: { name: string; queue: { visible: number } }) => [p.name, p.queue.visible]),
    [['jobs', 7]],
  );
  assert.equal(JSON.parse((await get('/api/policies/jobs')).body).text, 'the text');
  const missing = await get('/api/policies/jbs');
  assert.equal(missing.status, 404);
  assert.match(missing.body, /no policy jbs; did you mean jobs/);
});

test('metrics are Prometheus text with the policy as a label', async () => {
  const { headers, body } = await get('/metrics');
  assert.match(headers['content-type'] ?? '', /^text\/plain/);
  assert.match(body, /policy="jobs"/);
  assert.match(body, /^sluice_min_workers\{policy="jobs"\} 1$/m);
  assert.match(body, /^sluice_max_workers\{policy="jobs"\} 20$/m);
  assert.match(body, /^sluice_mode\{mode="enforce",policy="jobs"\} 1$/m);
});

test('unknown paths are a plain 404, and every answer forbids sniffing and foreign scripts', async () => {
  const { status, headers, body } = await get('/nothing/here');
  assert.equal(status, 404);
  assert.match(body, /nothing at \/nothing\/here/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(String(headers['content-security-policy']), /default-src 'none'; script-src 'self'/);
});

test('history, timeline, one decision whole, and versions', async () => {
  const history = JSON.parse((await get('/api/policies/jobs/history')).body);
  assert.equal(history.visible.at(-1), 7);
  assert.equal(history.at.length, history.running.length);
  assert.deepEqual(JSON.parse((await get(`/api/policies/jobs/history?since=${Date.now() + 1e6}`)).body).at, []);
  const { entries } = JSON.parse((await get('/api/policies/jobs/timeline')).body);
  assert.ok(entries.length >= 1, 'the first decision is an entry');
  const record = JSON.parse((await get(`/api/policies/jobs/timeline/${entries[0].id}`)).body);
  assert.equal(record.decision.summary, entries[0].summary);
  assert.equal((await get('/api/policies/jobs/timeline/99999')).status, 404);
  const { versions } = JSON.parse((await get('/api/policies/jobs/versions')).body);
  assert.deepEqual(
    versions.map((v: { version: number }) => v.version),
    [2, 1],
  );
});

test('writes: switched off without a token, with one only for who has it, and JSON only', async () => {
  const path = '/api/policies/jobs/experiments';
  const body = JSON.stringify({ action: 'run', experiment: 'x' });
  const json = { 'content-type': 'application/json' };
  assert.equal((await get(path, json, 'POST', body)).status, 403);
  const guarded = await listen(live, metrics.registry, { ...settings, token: 'geheim' });
  try {
    const post = (headers: Record<string, string>, text = body) => get(path, headers, 'POST', text, guarded.url);
    assert.equal((await post(json)).status, 401);
    assert.equal((await post({ ...json, authorization: 'Bearer gehein' })).status, 401);
    assert.equal((await post({ authorization: 'Bearer geheim', 'content-type': 'text/plain' })).status, 415);
    assert.equal((await post({ ...json, authorization: 'Bearer geheim', origin: 'https://evil.example' })).status, 403);
    assert.equal((await post({ ...json, authorization: 'Bearer geheim' }, '{"action":"burn"}')).status, 400);
    assert.equal((await post({ ...json, authorization: 'Bearer geheim' }, '{')).status, 400);
    assert.deepEqual(requests, []);
    const answer = await post({ ...json, authorization: 'Bearer geheim' });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(JSON.parse(answer.body).run, 'abc');
    assert.deepEqual(requests, [{ policy: 'jobs', action: 'run', experiment: 'x', by: 'the page' }]);
  } finally {
    guarded.close();
  }
  const free = await listen(live, metrics.registry, { ...settings, localWrites: true });
  try {
    assert.equal((await get(path, json, 'POST', '{"action":"stop"}', free.url)).status, 200);
    assert.equal((await get(path, { ...json, host: 'evil.example' }, 'POST', body, free.url)).status, 403);
  } finally {
    free.close();
  }
});

test('the page and all that it loads come from here', async () => {
  const page = await get('/');
  assert.match(page.body, /<title>Sluice<\/title>/);
  assert.doesNotMatch(page.body, /https?:\/\//);
  for (const path of ['/main.js', '/style.css', '/vendor/uplot.js', '/vendor/uplot.css', '/icon.svg'])
    assert.equal((await get(path)).status, 200, path);
});

test('events stream: what there is, then each change as it happens', async () => {
  const lines: string[] = [];
  let seen = () => {};
  const arrived = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      seen = () => pattern.test(lines.join('')) && resolve();
      seen();
    });
  const call = request(`${url}/api/events`, (response) => {
    assert.match(String(response.headers['content-type']), /text\/event-stream/);
    response.on('data', (chunk: Buffer) => {
      lines.push(String(chunk));
      seen();
    });
  });
  call.on('error', () => {});
  call.end();
  await arrived(/event: policies\ndata: .*"visible":7/);
  tell(tickOf({ at: Date.now(), visible: 8 }));
  await arrived(/"visible":8/);
  tell({ kind: 'spec', change: { kind: 'deleted', name: 'jobs' } });
  await arrived(/event: deleted\ndata: \["jobs"\]/);
  call.destroy();
});

test('a taken port is an error that says what to do', async () => {
  const taken = { ...settings, port: Number(new URL(url).port) };
  await assert.rejects(listen(live, metrics.registry, taken), /is taken; choose another with --port/);
});

test.after(() => {
  site.close();
});
test.run();
