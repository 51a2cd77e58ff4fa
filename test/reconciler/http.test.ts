/** HTTP: what it answers, to whom, and what it refuses. */
import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { Subject } from 'rxjs';
import { test } from 'uvu';
import type { Failure } from '../../policies/observation.ts';
import { listen } from '../../reconciler/http/server.ts';
import type { Live } from '../../reconciler/live.ts';
import type { PipelineEvent } from '../../reconciler/pipeline.ts';
import { Board, type PolicyView } from '../../reconciler/report/board.ts';
import { Metrics } from '../../reconciler/report/metrics.ts';
import { resolveSettings } from '../../reconciler/settings.ts';
import { policyOf } from '../support/policy.ts';
import { tickOf } from '../support/tick.ts';

const state: { lookedAt: number; polledAt: number | undefined; failure: Failure | undefined } = {
  lookedAt: Date.now(),
  polledAt: undefined,
  failure: undefined,
};
const board = new Board();
const metrics = new Metrics();
const events$ = new Subject<{ event: PipelineEvent; view: PolicyView }>();
const live: Live = {
  board,
  events$,
  lookedAt: () => state.lookedAt,
  polledAt: () => state.polledAt,
  watchFailure: () => state.failure,
};
const tell = (event: PipelineEvent): void => {
  const view = board.apply(event);
  metrics.record(event, view);
  events$.next({ event, view });
};
const { settings } = resolveSettings({ port: '0', allowedHosts: 'sluice.example.com' }, {}, true);
const { url, server } = await listen(live, metrics.registry, settings);

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url + path, { headers, method }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
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
});

test('unknown paths are a plain 404, and every answer forbids sniffing and foreign scripts', async () => {
  const { status, headers, body } = await get('/nothing/here');
  assert.equal(status, 404);
  assert.match(body, /nothing at \/nothing\/here/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(String(headers['content-security-policy']), /default-src 'self'/);
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
  await arrived(/event: policy\ndata: .*"visible":7/);
  tell(tickOf({ at: Date.now(), visible: 8 }));
  await arrived(/"visible":8/);
  tell({ kind: 'spec', change: { kind: 'deleted', name: 'jobs' } });
  await arrived(/event: deleted\ndata: {"name":"jobs"}/);
  call.destroy();
});

test('a taken port is an error that says what to do', async () => {
  const taken = { ...settings, port: Number(new URL(url).port) };
  await assert.rejects(listen(live, metrics.registry, taken), /is taken; choose another with --port/);
});

test.after(() => {
  server.close();
  server.closeAllConnections();
});
test.run();
