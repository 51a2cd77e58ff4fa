/**
 * The demo worker's entry. Environment: QUEUE_URL; optional RESULTS_QUEUE_URL, CONCURRENCY (1), VISIBILITY_TIMEOUT (30,
 * seconds), STOP_GRACE (8, seconds), PROTECTION ("off" switches it off), PROCESSING_FLAG_PARAMETER, LOG_LEVEL (info).
 */

import { watchFlag } from './flag.ts';
import { Protection } from './protection.ts';
import { Queue } from './queue.ts';
import { Worker } from './worker.ts';

const LEVELS = ['debug', 'info', 'warn', 'silent'];
const env = process.env;
const least = LEVELS.indexOf(env.LOG_LEVEL ?? 'info');

function log(level: 'debug' | 'info' | 'warn', message: string, detail: object = {}): void {
  if (LEVELS.indexOf(level) >= least)
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...detail })}\n`);
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}

if (!env.QUEUE_URL) {
  log('warn', 'QUEUE_URL is not set: nothing to work on');
  process.exit(2);
}
const queue = new Queue(env.QUEUE_URL, env.RESULTS_QUEUE_URL, Number(env.VISIBILITY_TIMEOUT ?? 30));
const flag = watchFlag(env.PROCESSING_FLAG_PARAMETER);
const protection = new Protection(env.PROTECTION === 'off' ? undefined : env.ECS_AGENT_URI, 60, (message, detail) =>
  log('warn', message, detail),
);
const stopGrace = Number(env.STOP_GRACE ?? 8);
const worker = new Worker({
  queue,
  name: env.HOSTNAME ?? `pid-${process.pid}`,
  concurrency: Number(env.CONCURRENCY ?? 1),
  pollSeconds: Math.max(1, Math.min(10, Math.floor(stopGrace) - 1)),
  protect: (busy) => protection.set(busy),
  paused: flag.paused,
  log,
  now: Date.now,
  sleep,
});
process.once('SIGTERM', () => worker.stop(stopGrace * 1_000));
process.once('SIGINT', () => worker.stop(0));
await worker.run();
flag.close();
queue.close();
process.exit(0);
