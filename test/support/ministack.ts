/** Starts ministack (a cloud of other people's, from PyPI) for a test, where .ci/tools has installed it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from './moto.ts';

const installed = fileURLToPath(new URL('../../.ci/venv-workers/bin/ministack', import.meta.url));
const START_MS = 60_000;

/** A ministack on a free port of 127.0.0.1; its owner ends it. Resolves to undefined when ministack is not on this machine. */
export async function startMinistack(): Promise<{ url: string; child: ChildProcess } | undefined> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(existsSync(installed) ? installed : 'ministack', [], {
    stdio: 'ignore',
    env: { ...process.env, GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', LOG_LEVEL: 'WARNING' },
  });
  let gone = false;
  child.on('error', () => {
    gone = true;
  });
  child.on('exit', () => {
    gone = true;
  });
  const deadline = Date.now() + START_MS;
  while (!gone && Date.now() < deadline) {
    const up = await fetch(`${url}/_ministack/health`).then(
      (reply) => reply.ok,
      () => false,
    );
    if (up) return { url, child };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  return undefined;
}
