/** Defines the options of the embedded ECS and their defaults. */
import type { OutputStream, ProcessRunner } from '../process.ts';
import type { Task } from './model.ts';

export interface TaskOutput {
  stream: OutputStream;
  line: string;
}

export interface EcsOptions {
  /**
   * Milliseconds from a task's creation to the start of its processes, as for placement and image pull. Default 1,500.
   */
  startUpMs?: number;
  /** The most milliseconds that a random delay adds to `startUpMs`, drawn for each task. Default 0. */
  startUpJitterMs?: number;
  /** A factor for each container's `stopTimeout`; below 1 in a run with compressed time. Default 1. */
  stopTimeoutScale?: number;
  /** Milliseconds from the last process's end to STOPPED. Default 200. */
  deprovisionMs?: number;
  /** Milliseconds between a change and the scheduler's reaction, which covers all changes meanwhile. Default 20. */
  schedulerDelayMs?: number;
  /** Milliseconds after which `close` sends SIGKILL to processes that ignore SIGTERM. Default 2,000. */
  closeGraceMs?: number;
  /** The folder in which tasks start. Default: this program's folder. */
  cwd?: string;
  /** Added to every container's environment; a container's own wins. */
  environment?: Record<string, string>;
  /** The most tasks that are not STOPPED. ECS is "unable to place" more. Default 200. */
  maxTasks?: number;
  /** Milliseconds for which a stopped task stays listed. Default one hour, as on AWS. */
  stoppedTaskRetentionMs?: number;
  /** The most stopped tasks kept. Default 1,000. */
  maxStoppedTasks?: number;
  /** The restart throttle. From the third failure in a row on, ECS waits before it starts a task; each wait doubles. */
  throttle?: {
    /** Default 1,000. */
    firstDelayMs?: number;
    /** Default 60,000 (AWS goes up to 15 minutes). */
    maxDelayMs?: number;
    /** Milliseconds after which a task no longer counts as a failure when it ends. Default 10,000. */
    healthyAfterMs?: number;
  };
  /** The seed for the start-up delay and for the choice of tasks to stop. Default 1. */
  seed?: number;
  /** Starts processes. Tests give a fake. Default `spawnGuarded`. */
  runProcess?: ProcessRunner;
  /** Called for each line that a task prints. */
  onTaskOutput?: (task: Task, stream: OutputStream, line: string) => void;
}

export type Settings = Required<Omit<EcsOptions, 'cwd' | 'throttle' | 'onTaskOutput'>> &
  Pick<EcsOptions, 'onTaskOutput'> & { cwd: string; throttle: Required<NonNullable<EcsOptions['throttle']>> };

export function withDefaults(options: EcsOptions, runProcess: ProcessRunner): Settings {
  return {
    startUpMs: 1_500,
    startUpJitterMs: 0,
    stopTimeoutScale: 1,
    deprovisionMs: 200,
    schedulerDelayMs: 20,
    closeGraceMs: 2_000,
    cwd: process.cwd(),
    environment: {},
    maxTasks: 200,
    stoppedTaskRetentionMs: 3_600_000,
    maxStoppedTasks: 1_000,
    seed: 1,
    runProcess,
    ...options,
    throttle: { firstDelayMs: 1_000, maxDelayMs: 60_000, healthyAfterMs: 10_000, ...options.throttle },
  };
}
