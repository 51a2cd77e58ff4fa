/** An ECS on a clock that stands still, whose processes are fakes that a test can end as it likes. */
import { ManualClock } from '../../../../infra/local/clock.ts';
import { CredentialStore } from '../../../../infra/local/credentials.ts';
import { createEcs, type Ecs, type EcsOptions } from '../../../../infra/local/ecs/index.ts';
import type { ProcessExit, ProcessOptions, ProcessRunner } from '../../../../infra/local/process.ts';
import { ACCOUNT, type Caller, callerOf } from '../support.ts';

export interface FakeProcess {
  pid: number;
  command: readonly string[];
  options: ProcessOptions;
  signals: string[];
  /** Ends as asked by SIGTERM unless the test sets this. */
  stubborn: boolean;
  live: boolean;
  exit(exit?: Partial<ProcessExit>): void;
}

/** Commands named `missing` cannot be started; `stubborn` ones ignore SIGTERM. */
export function fakeRunner(): { run: ProcessRunner; processes: FakeProcess[]; live(): FakeProcess[] } {
  const processes: FakeProcess[] = [];
  const run: ProcessRunner = (command, options) => {
    if (command[0] === 'missing') throw new Error('exec: "missing": executable file not found in $PATH');
    const fake: FakeProcess = {
      pid: 1000 + processes.length,
      command,
      options,
      signals: [],
      stubborn: command[0] === 'stubborn',
      live: true,
      exit(exit = {}) {
        if (!fake.live) return;
        fake.live = false;
        options.onExit({ code: null, signal: null, ...exit });
      },
    };
    processes.push(fake);
    return {
      pid: fake.pid,
      signal(signal) {
        if (!fake.live) return false;
        fake.signals.push(signal);
        if (!fake.stubborn) fake.exit({ code: 0 });
        return true;
      },
      kill() {
        fake.signals.push('SIGKILL');
        fake.exit({ signal: 'SIGKILL' });
      },
    };
  };
  return { run, processes, live: () => processes.filter((each) => each.live) };
}

// biome-ignore lint/suspicious/noExplicitAny: replies are checked member by member where they are used.
type Any = any;

export interface EcsHarness {
  clock: ManualClock;
  ecs: Ecs;
  call: Caller;
  processes: FakeProcess[];
  live(): FakeProcess[];
  credentials: CredentialStore;
  problems: string[];
  /** Registers a task definition of one container and returns its ARN. */
  define(family?: string, container?: object, more?: object): Promise<string>;
  /** Makes the service `svc` on cluster `c`, and lets it become steady. */
  serve(desiredCount: number, more?: object): Promise<Any>;
  service(name?: string): Promise<Any>;
  tasks(filter?: object): Promise<Any[]>;
}

export const STARTED_MS = 2_000;

export async function ecsHarness(options: EcsOptions = {}): Promise<EcsHarness> {
  const clock = new ManualClock();
  const fake = fakeRunner();
  const credentials = new CredentialStore(ACCOUNT);
  const problems: string[] = [];
  const context = {
    clock,
    region: 'us-east-1',
    accountId: ACCOUNT,
    endpointUrl: () => 'http://127.0.0.1:4566',
    credentials,
    onProblem: (message: string) => problems.push(message),
  };
  const ecs = createEcs(context, { runProcess: fake.run, ...options });
  const call = callerOf(ecs);
  await call('CreateCluster', { clusterName: 'c' });
  const harness: EcsHarness = {
    clock,
    ecs,
    call,
    processes: fake.processes,
    live: fake.live,
    credentials,
    problems,
    define: async (family = 'worker', container = {}, more = {}) => {
      const containerDefinitions = [{ name: 'main', image: 'worker', command: ['work'], ...container }];
      const reply = await call('RegisterTaskDefinition', { family, containerDefinitions, ...more });
      return reply.taskDefinition.taskDefinitionArn;
    },
    serve: async (desiredCount, more = {}) => {
      const taskDefinition = await harness.define();
      await call('CreateService', { cluster: 'c', serviceName: 'svc', taskDefinition, desiredCount, ...more });
      clock.advance(STARTED_MS);
      return harness.service();
    },
    service: async (name = 'svc') =>
      (await call('DescribeServices', { cluster: 'c', services: [name], include: ['TAGS'] })).services[0],
    tasks: async (filter = {}) => {
      const { taskArns } = await call('ListTasks', { cluster: 'c', ...filter });
      if (taskArns.length === 0) return [];
      return (await call('DescribeTasks', { cluster: 'c', tasks: taskArns, include: ['TAGS'] })).tasks;
    },
  };
  return harness;
}
