/**
 * Starts local processes that never outlive this program, however it ends. Even a SIGKILL, for which no exit handler runs,
 * leaves none behind.
 *
 * Each process leads its own process group. In the same group waits a watchdog, a forked shell that reads from a
 * pipe whose other end only this program holds. When this program ends, the kernel closes that end, the watchdog's read
 * ends, and it kills the whole group. A program that is merely stopped (SIGSTOP) keeps the pipe open, so its processes live on.
 *
 * A descendant that leaves the group on purpose (setsid, setpgid) is beyond this guard.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

export type OutputStream = 'stdout' | 'stderr';

export interface ProcessExit {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProcessOptions {
  /** The whole environment; nothing is inherited beside it. */
  env: Record<string, string>;
  /** Default: this program's. */
  cwd?: string | undefined;
  /** One line at a time, without its end; longer ones than 16 KiB come in pieces. */
  onOutput?: (stream: OutputStream, line: string) => void;
  /** Called once, when the process has ended and the rest of its group was killed. */
  onExit: (exit: ProcessExit) => void;
}

export interface RunningProcess {
  /** The pid of the command, which is also the id of its process group. */
  readonly pid: number;
  /** Signals the command alone, as Docker signals the first process of a container. Returns false if it has ended. */
  signal(signal: NodeJS.Signals): boolean;
  /** Sends SIGKILL to the command and to everything that it started. */
  kill(): void;
}

/** Starts a command. @throws Error when it cannot be started; `onExit` is not called then */
export type ProcessRunner = (command: readonly string[], options: ProcessOptions) => RunningProcess;

/**
 * POSIX sh: fork the watchdog, then become the command, so that the command has the pid which the parent knows.
 * `$$` is the group's id in the subshell too. The watchdog ignores what ends a group politely, holds no output pipe
 * (the parent would wait for it), and the command does not get the pipe.
 */
const GUARD = `
( trap '' TERM HUP INT QUIT; read -r _ <&3; kill -s KILL -- -$$ ) </dev/null >/dev/null 2>&1 &
exec "$@" 3<&-
`;

const MAX_LINE = 16 * 1024;
/**
 * Milliseconds after the exit in which output may still arrive. Only a descendant that left the group holds the pipes
 * longer.
 */
const OUTPUT_GRACE_MS = 250;

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Refuses a missing command. The shell would report it as exit code 127, which a command may use too. @throws Error */
function assertStartable(command: string, cwd: string, path: string): void {
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
    throw new Error(`the working directory ${cwd} does not exist`);
  const candidates = command.includes('/')
    ? [isAbsolute(command) ? command : resolve(cwd, command)]
    : path.split(':').map((folder) => join(folder || cwd, command));
  if (command === '' || !candidates.some(executable))
    throw new Error(`exec: "${command}": executable file not found${command.includes('/') ? '' : ' in $PATH'}`);
}

/** Returns a writer that cuts a byte stream into lines. */
function byLine(emit: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const cut = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) emit(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (rest.length > MAX_LINE) {
      emit(rest.slice(0, MAX_LINE));
      rest = rest.slice(MAX_LINE);
    }
  };
  return {
    write: (chunk) => cut(decoder.write(chunk)),
    end: () => {
      cut(decoder.end());
      if (rest !== '') emit(rest);
      rest = '';
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
}

/** Reads both output streams. The returned function emits the rest of them. */
function readOutput(child: ChildProcess, onOutput: ProcessOptions['onOutput']): () => void {
  const readers = (['stdout', 'stderr'] as const).map((stream) => {
    const lines = byLine((line) => onOutput?.(stream, line));
    child[stream]?.on('data', (chunk: Buffer) => lines.write(chunk));
    child[stream]?.on('error', () => {});
    return lines;
  });
  return () => {
    for (const lines of readers) lines.end();
  };
}

/** Starts `command` guarded. The pid is the command's own, and the id of its process group. */
export const spawnGuarded: ProcessRunner = (command, options) => {
  const cwd = options.cwd ?? process.cwd();
  assertStartable(command[0] ?? '', cwd, options.env.PATH ?? '/usr/bin:/bin');
  const child = spawn('/bin/sh', ['-c', GUARD, 'sluice-guard', ...command], {
    cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  // Also where a failed spawn ends up (too many processes or open files).
  child.on('error', () => {});
  const pid = child.pid;
  if (pid === undefined) throw new Error('no further process could be started on this machine');
  const flush = readOutput(child, options.onOutput);
  const lifeline = child.stdio[3];
  lifeline?.on('error', () => {});
  let exited = false;
  child.once('exit', (code, signal) => {
    exited = true;
    // The watchdog still holds the group's id, so that this cannot hit a stranger.
    killGroup(pid);
    lifeline?.destroy();
    const done = (): void => {
      clearTimeout(timer);
      child.off('close', done);
      flush();
      child.stdout?.destroy();
      child.stderr?.destroy();
      options.onExit({ code, signal });
    };
    const timer = setTimeout(done, OUTPUT_GRACE_MS);
    child.once('close', done);
  });
  return {
    pid,
    signal: (signal) => !exited && child.kill(signal),
    kill: () => {
      if (!exited) killGroup(pid);
    },
  };
};
