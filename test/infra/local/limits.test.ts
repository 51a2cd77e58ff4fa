import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'uvu';
import { CredentialStore } from '../../../infra/local/credentials.ts';
import {
  type Endpoint,
  type EndpointLimits,
  type EndpointOptions,
  startEndpoint,
} from '../../../infra/local/endpoint.ts';
import type { Service } from '../../../infra/local/service.ts';
import { CannotWrite } from '../../../infra/local/state/index.ts';
import { ACCOUNT, raw } from './support.ts';

const echo: Service = {
  name: 'echo',
  targetPrefix: 'Echo.',
  jsonVersion: '1.0',
  queryCompatible: false,
  actions: ['Say'],
  handle: (_action, input) => input,
};

async function withEndpoint(
  options: Partial<EndpointOptions> & { limits?: Partial<EndpointLimits> },
  fn: (endpoint: Endpoint) => Promise<void>,
): Promise<void> {
  const endpoint = await startEndpoint({
    port: 0,
    services: [echo],
    credentials: new CredentialStore(ACCOUNT),
    now: Date.now,
    after: () => () => {},
    onProblem: (message) => assert.fail(message),
    ...options,
  });
  try {
    await fn(endpoint);
  } finally {
    await endpoint.close();
  }
}

const say = (endpoint: Endpoint, bytes: number) =>
  raw(endpoint.port, { headers: { 'x-amz-target': 'Echo.Say' }, body: JSON.stringify({ x: 'y'.repeat(bytes - 8) }) });

/** Begins a request of 1,000 bytes, and sends 900 of them. */
async function unfinished(endpoint: Endpoint): Promise<Socket> {
  const socket = connect(endpoint.port, '127.0.0.1');
  const head = 'POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: Echo.Say\r\ncontent-length: 1000\r\n\r\n';
  await new Promise<void>((resolve) => socket.write(head + 'z'.repeat(900), () => resolve()));
  return socket;
}

test('bodies under way hold so many bytes together and no more; then calls get 503 until some are done', async () => {
  await withEndpoint({ limits: { body: 1_000, bodies: 2_000 } }, async (endpoint) => {
    const sockets = [await unfinished(endpoint), await unfinished(endpoint)];
    // Until the endpoint has read both, a small request may still pass.
    for (;;) {
      const { status, body } = await say(endpoint, 500);
      if (status === 200) continue;
      assert.equal(status, 503);
      assert.match(body, /"__type":"SlowDown".*at most 2000 bytes together. Try again\./);
      break;
    }
    assert.equal((await say(endpoint, 150)).status, 200, 'a small one still passes');
    for (const socket of sockets) socket.destroy();
    while ((await say(endpoint, 999)).status !== 200);
    assert.equal((await say(endpoint, 1_001)).status, 413);
  });
});

test('a request that does not come to its end is given up', async () => {
  await withEndpoint({ limits: { headersMs: 100, requestMs: 100 } }, async (endpoint) => {
    const socket = await unfinished(endpoint);
    const [reply] = await once(socket, 'data');
    assert.match(String(reply), /^HTTP\/1\.1 408 /);
    const silent = connect(endpoint.port, '127.0.0.1');
    silent.write('POST / HTTP/1.1\r\nhost: loc');
    silent.resume();
    await once(silent, 'close');
  });
});

test('connections beyond the limit are closed', async () => {
  await withEndpoint({ limits: { connections: 1 } }, async (endpoint) => {
    const first = await unfinished(endpoint);
    const second = connect(endpoint.port, '127.0.0.1');
    second.on('error', () => {});
    await once(second, 'close');
    first.destroy();
  });
});

test('while the state folder cannot be written, a call gets 503 and is not performed', async () => {
  let performed = 0;
  const service: Service = { ...echo, handle: () => ({ performed: ++performed }) };
  let failure: CannotWrite | undefined;
  let durable: () => Promise<void> = async () => {};
  const state = {
    assertWritable: () => {
      if (failure) throw failure;
    },
    durable: () => durable(),
  };
  await withEndpoint({ services: [service], state }, async (endpoint) => {
    assert.equal((await say(endpoint, 10)).body, '{"performed":1}');
    // Written in memory, but not on the disk: the caller must not believe it.
    durable = async () => {
      throw new CannotWrite('no space left on device');
    };
    const late = await say(endpoint, 10);
    assert.equal(late.status, 503);
    assert.match(late.body, /ServiceUnavailable.*no space left/);
    failure = new CannotWrite('no space left on device');
    assert.equal((await say(endpoint, 10)).status, 503);
    assert.equal(performed, 2);
  });
});

test('a reply waits for the disk', async () => {
  const order: string[] = [];
  let release: () => void = () => {};
  const disk = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handle = (): object => {
    order.push('performed');
    setImmediate(release);
    return {};
  };
  const state = { assertWritable: () => {}, durable: () => disk.then(() => void order.push('on the disk')) };
  await withEndpoint({ services: [{ ...echo, handle }], state }, async (endpoint) => {
    await say(endpoint, 10).then(() => order.push('answered'));
    assert.deepEqual(order, ['performed', 'on the disk', 'answered']);
  });
});

test.run();
