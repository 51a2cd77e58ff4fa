/** HTTP with hostile clients: many readers, silent and slow connections, large bodies. Health answers all the same. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'uvu';
import { siteWith } from '../../support/site.ts';
import { tickOf } from '../../support/tick.ts';
import { until } from '../../support/until.ts';

const open = async (url: string): Promise<IncomingMessage> => {
  const [response] = await once(get(url, { agent: false }), 'response');
  return response;
};

const silent = async (url: string, said = ''): Promise<Socket> => {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(said);
  return socket;
};

test('the page has 100 readers at most; the next one is told why, and there is room again when one leaves', async () => {
  const { url, close } = await siteWith();
  try {
    const readers = await Promise.all(Array.from({ length: 100 }, () => open(`${url}/api/events`)));
    assert.ok(readers.every((r) => r.statusCode === 200));
    const refused = await open(`${url}/api/events`);
    assert.equal(refused.statusCode, 503);
    assert.equal(refused.headers['retry-after'], '10');
    assert.match(await text(refused), /100 pages are open already; close one/);
    assert.equal((await open(`${url}/healthz`)).statusCode, 200);
    readers[0]!.destroy();
    let again = await open(`${url}/api/events`);
    // The server hears of the end a moment later.
    while (again.statusCode === 503) {
      again.resume();
      again = await open(`${url}/api/events`);
    }
    assert.equal(again.statusCode, 200);
  } finally {
    close();
  }
});

test('hundreds of connections that say nothing, or half a header, keep nobody out', async () => {
  const { url, close } = await siteWith();
  try {
    const sockets = await Promise.all(
      Array.from({ length: 520 }, (_, i) => silent(url, i % 2 === 0 ? '' : 'GET /api/policies HTTP/1.1\r\nHost: loc')),
    );
    assert.equal((await open(`${url}/healthz`)).statusCode, 200);
    assert.equal((await open(`${url}/readyz`)).statusCode, 200);
    assert.equal((await open(`${url}/api/policies`)).statusCode, 200);
    for (const socket of sockets) socket.destroy();
  } finally {
    close();
  }
});

test('a body that is too large is refused before it is read whole', async () => {
  const { url, close, report } = await siteWith({ token: 'geheim' });
  report(tickOf());
  const headers = { 'content-type': 'application/json', authorization: 'Bearer geheim' };
  try {
    const path = `${url}/api/policies/jobs/experiments`;
    const body = JSON.stringify({ action: 'run', experiment: 'x'.repeat(20_000) });
    assert.equal((await fetch(path, { method: 'POST', headers, body })).status, 413);
    assert.equal((await open(`${url}/healthz`)).statusCode, 200);
  } finally {
    close();
  }
});

test('an error while the page is told is counted, and the readers go on', async () => {
  const { url, close, live, metrics, report } = await siteWith();
  try {
    const reader = await open(`${url}/api/events`);
    let told = '';
    reader.on('data', (chunk) => {
      told += String(chunk);
    });
    await until('the first events', () => told.includes('event: reconciler\n'));
    Object.assign(live.timeline, { entryOf: () => assert.fail('broke') });
    report(tickOf({ visible: 4_711 }));
    await until('the tick', () => /event: policies\ndata: .*"visible":4711/.test(told));
    const counter = await metrics.registry.getSingleMetric('sluice_reporter_errors_total')?.get();
    assert.deepEqual(
      counter?.values.map(({ labels, value }) => [labels.reporter, value]),
      [['page', 1]],
    );
  } finally {
    close();
  }
});

test('names and texts of others are data on the page, whatever they hold', async () => {
  const { url, close, report } = await siteWith();
  const name = '<img src=x onerror=alert(1)>';
  report(tickOf({ name }));
  try {
    const response = await fetch(`${url}/api/policies/${encodeURIComponent(name)}`);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(((await response.json()) as { name: string }).name, name);
    const missing = await fetch(`${url}/api/policies/%3Cscript%3E`);
    assert.match(missing.headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(missing.headers.get('x-content-type-options'), 'nosniff');
  } finally {
    close();
  }
});

test.run();
