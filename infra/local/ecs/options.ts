/** What can be set about the embedded ECS. */
import type { OutputStream, ProcessRunner } from '../process.ts';
import type { Task } from './model.ts';

export interface TaskOutput {
  stream: OutputStream;
  line: string;
}

export interface EcsOptions {
  /** Milliseconds from a task's creation to the start of its processes: what placement and image pull take. Default 1,500. */
  startUpMs?: number;
  /** Up to so many milliseconds more, drawn for each task. Default 0. */
  startUpJitterMs?: number;
  /** Multiplies each container's `stopTimeout`; below 1 where time is compressed. Default 1. */
  stopTimeoutScale?: number;
  /** Milliseconds from the last process's end to STOPPED. Default 200. */
  deprovisionMs?: number;
  /** Milliseconds from a change to the scheduler's look at it; changes within them are seen together. Default 20. */
  schedulerDelayMs?: number;
  /** How `close` treats processes that do not heed SIGTERM: SIGKILL after so many milliseconds. Default 2,000. */
  closeGraceMs?: number;
  /** Where tasks start. Default: this program's folder. */
  cwd?: string;
  /** Added to every container's environment; a container's own wins. */
  environment?: Record<string, string>;
  /** Tasks that are not STOPPED, at most; more are "unable to be placed". Default 200. */
  maxTasks?: number;
  /** Milliseconds that stopped tasks stay listed. Default one hour, as on AWS. */
  stoppedTaskRetentionMs?: number;
  /** Stopped tasks kept at most. Default 1,000. */
  maxStoppedTasks?: number;
  /** The restart throttle: from the third failure in a row, waits that double. */
  throttle?: {
    /** Default 1,000. */
    firstDelayMs?: number;
    /** Default 60,000 (AWS goes up to 15 minutes). */
    maxDelayMs?: number;
    /** A task that ran for so long was no failure. Default 10,000. */
    healthyAfterMs?: number;
  };
  /** For jitter and for the choice of tasks to stop. Default 1. */
  seed?: number;
  /** How processes are started; tests give a fake. Default `spawnGuarded`. */
  runProcess?: ProcessRunner;
  /** Each line that a task prints. */
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
