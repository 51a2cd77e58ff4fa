/**
 * `sluice up`: embedded AWS, demo workers, a load and the reconciler on this machine. Only this room knows both the
 * reconciler and infra/local. The reconciler runs in a process of its own, as `sluice run` does on ECS.
 */
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import type { Statement } from '../../infra/local/iam.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { Demo, type DemoPolicy } from './demo.ts';
import { ENV_FILE } from './env-file.ts';
import { lockFolder } from './lock.ts';
import { mustBeFree } from './ports.ts';
import type { Scenario } from './scenario.ts';
import type { Aside, Summary } from './summary.ts';

export interface UpOptions {
  scenario: Scenario;
  policy: DemoPolicy;
  /** The reconciler's IAM policy, to be enforced; undefined lets it act as root. */
  statements: Statement[] | undefined;
  port: number;
  endpointPort: number;
  /** Milliseconds; undefined runs until a signal. */
  duration: number | undefined;
  drainTimeout: number;
  /** The folder that keeps the state of the embedded AWS; undefined keeps nothing. */
  stateDir: string | undefined;
  seed: number;
  say: (line: string) => void;
}

/**
 * Runs the demo until its end and returns the summary. Throws UserError, before it starts anything, when the folder or a
 * port is in use; and later when the reconciler does not start.
 */
export async function up(options: UpOptions): Promise<{ summary: Summary; aside: Aside }> {
  const { port, endpointPort, stateDir } = options;
  const folders = [dirname(ENV_FILE), ...(stateDir === undefined ? [] : [stateDir])];
  const locks: (() => void)[] = [];
  let cloud: Cloud | undefined;
  try {
    for (const folder of folders) locks.push(lockFolder(folder));
    await mustBeFree(port, 'port');
    await mustBeFree(endpointPort, 'endpoint-port');
    cloud = await startCloud({ ...options, port: endpointPort });
    return await runDemo(cloud, options);
  } finally {
    await cloud?.close();
    for (const release of locks) release();
  }
}

async function runDemo(cloud: Cloud, options: UpOptions): Promise<{ summary: Summary; aside: Aside }> {
  const demo = await Demo.start({ ...options, cloud, run: randomUUID().slice(0, 8) });
  try {
    await demo.untilEnd();
    return await demo.finish();
  } finally {
    await demo.close();
  }
}
