/**
 * `sluice up`: embedded AWS, demo workers, a load and the reconciler on this machine. Only this room knows both the
 * reconciler and infra/local. The reconciler runs in a process of its own, as `sluice run` does on ECS.
 */
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import type { Statement } from '../../infra/local/iam.ts';
import { type Cloud, type CloudOptions, startCloud } from './cloud.ts';
import { Demo, type DemoPolicy } from './demo.ts';
import { ENV_FILE } from './env-file.ts';
import { lockFolder } from './lock.ts';
import { type OwnOptions, OwnRun } from './own/own-run.ts';
import type { OwnAside, OwnSummary } from './own/summary.ts';
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
export const up = (options: UpOptions): Promise<{ summary: Summary; aside: Aside }> =>
  withCloud(options, async (cloud) =>
    untilSummary(await Demo.start({ ...options, cloud, run: randomUUID().slice(0, 8) })),
  );

export type UpOwnOptions = OwnOptions & Omit<CloudPlace, 'scenario' | 'environment'>;

/** Milliseconds that the embedded ECS takes to place a task and to pull its image. */
const START_UP_MS = 1_500;

/** Runs the user's own worker until its end and returns the summary. Throws as `up` does. */
export const upOwn = (options: UpOwnOptions): Promise<{ summary: OwnSummary; aside: OwnAside }> =>
  withCloud(
    { ...options, scenario: { startUp: START_UP_MS, timeScale: 1 }, environment: environmentForOwn(process.env) },
    async (cloud) => untilSummary(await OwnRun.start(cloud, options)),
  );

type CloudPlace = Pick<UpOptions, 'port' | 'endpointPort' | 'stateDir' | 'statements' | 'seed'> &
  Pick<CloudOptions, 'scenario' | 'environment'>;

/** Locks the folders, checks the ports, starts the embedded AWS for `use`, and ends all of it. */
async function withCloud<R>(place: CloudPlace, use: (cloud: Cloud) => Promise<R>): Promise<R> {
  const { port, endpointPort, stateDir } = place;
  const folders = [dirname(ENV_FILE), ...(stateDir === undefined ? [] : [stateDir])];
  const locks: (() => void)[] = [];
  let cloud: Cloud | undefined;
  try {
    for (const folder of folders) locks.push(lockFolder(folder));
    await mustBeFree(port, 'port');
    await mustBeFree(endpointPort, 'endpoint-port');
    cloud = await startCloud({ ...place, port: endpointPort });
    return await use(cloud);
  } finally {
    await cloud?.close();
    for (const release of locks) release();
  }
}

interface Run<S> {
  untilEnd: () => Promise<void>;
  finish: () => Promise<S>;
  close: () => Promise<void>;
}

async function untilSummary<S>(run: Run<S>): Promise<S> {
  try {
    await run.untilEnd();
    return await run.finish();
  } finally {
    await run.close();
  }
}

/** A worker of the user's own finds what the user's shell has, but nothing that points at another AWS or ECS. */
const environmentForOwn = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value === undefined || /^(AWS_|ECS_|SLUICE_)/.test(name) ? [] : [[name, value]],
    ),
  );
