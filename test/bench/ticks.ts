/** Measures the cost of ticks when many policies are reconciled: the real pipeline, adapters and SDK against canned answers. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { concat, from, NEVER, of, Subject } from 'rxjs';
import { emptyMemory } from '../../policies/memory.ts';
import { type Clients, createClients } from '../../reconciler/aws/clients.ts';
import { awsWorld } from '../../reconciler/aws-world.ts';
import { reconcile } from '../../reconciler/loop/pipeline.ts';
import type { PolicyEvent } from '../../reconciler/loop/policy-event.ts';
import { policyOf } from '../support/policy.ts';

export interface Ticks {
  policies: number;
  ticks: number;
  /** CPU of the reconciler for one tick, in milliseconds, all of its AWS calls included. */
  cpuPerTickMs: number;
  /** Share of one core that so many policies take at one tick each in ten seconds. */
  core: number;
  heapMb: number;
  /** AWS calls a second, by action. */
  callsPerSecond: Record<string, number>;
  /** Ticks that could not read. */
  failed: number;
}

/** Seconds before counting begins: the first ticks look everything up. */
const WARM_UP_S = 12;

export async function ticks(count: number, seconds = 61): Promise<Ticks> {
  const server = fork(fileURLToPath(new URL('canned-aws.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.once('message', (message) => resolve(Number(message)));
      server.once('error', reject);
    });
    process.env.AWS_ACCESS_KEY_ID = 'bench';
    process.env.AWS_SECRET_ACCESS_KEY = 'bench';
    return await measure(createClients({ region: 'us-east-1', endpoint: `http://127.0.0.1:${port}` }), count, seconds);
  } finally {
    server.kill();
  }
}

async function measure(aws: Clients, count: number, seconds: number): Promise<Ticks> {
  const calls: Record<string, number> = {};
  aws.onCall = ({ action }) => {
    calls[action] = (calls[action] ?? 0) + 1;
  };
  const world = awsWorld(aws, { metricsInterval: 60_000, tasksInterval: 60_000 });
  const stop$ = new Subject<void>();
  let done = 0;
  let failed = 0;
  const subscription = reconcile({
    specs$: concat(from(Array.from({ length: count }, (_, i) => applied(i))), NEVER),
    world,
    restore: () => of(emptyMemory()),
    stop$,
  }).subscribe((event) => {
    if (event.kind !== 'tick') return;
    done++;
    if (!event.decision.observation.queue.ok || !event.decision.observation.service.ok) failed++;
  });
  const wait = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1_000));
  await wait(WARM_UP_S);
  const before = { done, failed, calls: { ...calls }, cpu: process.cpuUsage(), at: performance.now() };
  await wait(seconds);
  const cpu = process.cpuUsage(before.cpu);
  const elapsed = (performance.now() - before.at) / 1_000;
  globalThis.gc?.();
  const heapMb = Number((process.memoryUsage().heapUsed / 1e6).toFixed(1));
  const ran = done - before.done;
  stop$.next();
  subscription.unsubscribe();
  aws.destroy();
  const busyMs = (cpu.user + cpu.system) / 1_000;
  const perSecond = Object.entries(calls).map(
    ([action, n]) => [action, Number(((n - (before.calls[action] ?? 0)) / elapsed).toFixed(2))] as const,
  );
  return {
    policies: count,
    ticks: ran,
    cpuPerTickMs: Number((busyMs / Math.max(1, ran)).toFixed(3)),
    core: Number((busyMs / 1_000 / elapsed).toFixed(4)),
    heapMb,
    callsPerSecond: Object.fromEntries(perSecond),
    failed: failed - before.failed,
  };
}

function applied(i: number): PolicyEvent {
  const policy = policyOf(
    { minWorkers: 1, maxWorkers: 50, strategies: [{ type: 'targetWait' }] },
    // Observe: the counts are canned, so that writes would change nothing.
    { mode: 'observe', queue: { name: `q${i}` }, service: { cluster: 'bench', name: `s${i}` } },
  );
  const name = `policy-${i}`;
  return { kind: 'applied', name, policy: { ...policy, metadata: { ...policy.metadata, name } }, text: '' };
}
