/**
 * Leads one task from PROVISIONING to STOPPED, with its timers and processes, through the states that AWS documents.
 */
import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import type { OutputStream, ProcessExit, RunningProcess } from '../process.ts';
import type { Container, ContainerState, StopCode, Task, TaskStatus } from './model.ts';
import type { Settings } from './options.ts';

/** The share of the start-up time that passes before the image pull would begin. */
const PROVISIONING_SHARE = 0.4;

export interface LifeContext {
  clock: Clock;
  settings: Settings;
  startUpMs: number;
  environment(container: Container): Record<string, string>;
  onOutput(stream: OutputStream, line: string): void;
  /** Called after each change of the task's state. */
  onChange(): void;
}

/** Returns the exit code as a shell does: 128 plus the signal's number for a process that a signal ended. */
const exitCode = ({ code, signal }: ProcessExit): number => code ?? 128 + (signal ? constants.signals[signal] : 0);

export class TaskLife {
  readonly task: Task;
  readonly #context: LifeContext;
  readonly #processes = new Map<string, RunningProcess>();
  #cancelTimer: () => void = () => {};
  #launching = false;

  constructor(task: Task, context: LifeContext) {
    this.task = task;
    this.#context = context;
    const before = context.startUpMs * PROVISIONING_SHARE;
    this.#after(before, () => {
      this.task.pullStartedAt = this.#now();
      this.#become('PENDING');
      this.#after(context.startUpMs - before, () => this.#launch());
    });
  }

  /** Stops the task. It does nothing if the task is stopping already: the first reason stays, as on AWS. */
  stop(code: StopCode, reason: string): void {
    const { task } = this;
    if (task.desiredStatus === 'STOPPED') return;
    task.desiredStatus = 'STOPPED';
    task.stopCode = code;
    task.stoppedReason = reason;
    task.stoppingAt = this.#now();
    this.#cancelTimer();
    if (this.#processes.size === 0) {
      this.#finish();
      return;
    }
    this.#become('DEACTIVATING');
    this.#become('STOPPING');
    for (const process of [...this.#processes.values()]) process.signal('SIGTERM');
    if (this.#processes.size > 0) this.#after(this.#stopTimeoutMs(), () => this.kill());
  }

  /** Sends SIGKILL to all processes of the task that still run. */
  kill(): void {
    for (const process of [...this.#processes.values()]) process.kill();
  }

  #now(): number {
    return this.#context.clock.now();
  }

  #after(ms: number, fn: () => void): void {
    this.#cancelTimer = this.#context.clock.after(ms, fn);
  }

  #become(status: TaskStatus): void {
    this.task.lastStatus = status;
    this.task.version += 1;
    this.#context.onChange();
  }

  /** Returns the longest stop timeout of the running containers, since all get SIGTERM at once. */
  #stopTimeoutMs(): number {
    const left = this.task.definition.containers.filter((each) => this.#processes.has(each.name));
    return Math.max(...left.map((each) => each.stopTimeout)) * 1000 * this.#context.settings.stopTimeoutScale;
  }

  #launch(): void {
    const { task } = this;
    task.pullStoppedAt = this.#now();
    this.#launching = true;
    for (const [i, container] of task.definition.containers.entries()) {
      const state = task.containers[i] as ContainerState;
      try {
        this.#start(container, state);
      } catch (error) {
        this.#launching = false;
        const reason = `CannotStartContainerError: ${(error as Error).message}`;
        state.lastStatus = 'STOPPED';
        state.reason = reason;
        this.stop('TaskFailedToStart', reason);
        return;
      }
    }
    this.#launching = false;
    task.startedAt = this.#now();
    this.#become('RUNNING');
    this.#judgeExits();
  }

  #start(container: Container, state: ContainerState): void {
    const { settings, environment, onOutput } = this.#context;
    const override = this.task.overrides.find((each) => each.name === container.name);
    const command = override?.command ?? container.command;
    if (command.length === 0)
      throw new Error(
        'no command specified: the embedded ECS runs the command of the container definition, not its image',
      );
    const process = settings.runProcess(command, {
      env: environment(container),
      cwd: resolve(settings.cwd, container.workingDirectory ?? '.'),
      onOutput,
      onExit: (exit) => this.#exited(state, exit),
    });
    state.pid = process.pid;
    state.lastStatus = 'RUNNING';
    this.#processes.set(container.name, process);
  }

  #exited(state: ContainerState, exit: ProcessExit): void {
    state.exitCode = exitCode(exit);
    state.lastStatus = 'STOPPED';
    state.pid = undefined;
    this.#processes.delete(state.name);
    this.#judgeExits();
  }

  /** Ends the task if an essential container has ended, or if no container is left. */
  #judgeExits(): void {
    if (this.#launching || this.task.lastStatus === 'DEPROVISIONING' || this.task.lastStatus === 'STOPPED') return;
    if (this.task.desiredStatus === 'STOPPED') {
      if (this.#processes.size === 0) this.#finish();
      return;
    }
    if (this.task.containers.some((each) => each.essential && each.lastStatus === 'STOPPED'))
      this.stop('EssentialContainerExited', 'Essential container in task exited');
  }

  #finish(): void {
    this.#cancelTimer();
    for (const container of this.task.containers) container.lastStatus = 'STOPPED';
    if (this.task.startedAt !== undefined) this.task.executionStoppedAt = this.#now();
    this.#become('DEPROVISIONING');
    this.#after(this.#context.settings.deprovisionMs, () => {
      this.task.stoppedAt = this.#now();
      this.#become('STOPPED');
    });
  }
}
