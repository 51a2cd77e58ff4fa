import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { type ProcessExit, type RunningProcess, spawnGuarded } from '../../../infra/local/process.ts';
import { gone, until } from '../../support/until.ts';

const env = { PATH: process.env.PATH ?? '/usr/bin:/bin' };
const modulePath = fileURLToPath(new URL('../../../infra/local/process.ts', import.meta.url));

interface Run {
  process: RunningProcess;
  lines: string[];
  exit: Promise<ProcessExit>;
}

function start(command: string[], extra: Record<string, string> = {}, cwd?: string): Run {
  const lines: string[] = [];
  let ended!: (exit: ProcessExit) => void;
  const exit = new Promise<ProcessExit>((resolve) => {
    ended = resolve;
  });
  const running = spawnGuarded(command, {
    env: { ...env, ...extra },
    cwd,
    onOutput: (stream, line) => lines.push(`${stream}:${line}`),
    onExit: ended,
  });
  return { process: running, lines, exit };
}

/** A program that starts guarded processes, prints their pids and those of their children, and then waits. */
function host(body: string): ChildProcess {
  const file = join(mkdtempSync(join(tmpdir(), 'guard-')), 'host.mts');
  writeFileSync(
    file,
    `import { spawnGuarded } from ${JSON.stringify(modulePath)};
     const env = ${JSON.stringify(env)};
     const go = (script) => spawnGuarded(['/bin/sh', '-c', script], { env, onExit() {},
       onOutput: (_, line) => process.stdout.write(line + '\\n') });
     ${body}
     setInterval(() => {}, 1000);`,
  );
  return spawn(process.execPath, ['--import', 'tsx', file], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The numbers that a program prints, once there are `count` of them. */
async function numbers(child: ChildProcess, count: number): Promise<number[]> {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const found = (): number[] => text.split(/\s+/).filter(Boolean).map(Number);
  await until('the pids to be printed', () => text.endsWith('\n') && found().length >= count);
  return found();
}

test('runs a command with its arguments, environment, folder and output, and only those', async () => {
  const run = start(
    ['/bin/sh', '-c', 'echo "$1|$X|$HOME"; pwd; echo oops >&2; printf end; exit 3', 'sh', "a 'b' $c"],
    {
      X: 'ü',
    },
    '/',
  );
  assert.deepEqual(await run.exit, { code: 3, signal: null });
  assert.deepEqual(
    run.lines.filter((line) => line.startsWith('stdout')),
    ["stdout:a 'b' $c|ü|", 'stdout:/', 'stdout:end'],
  );
  assert.deepEqual(
    run.lines.filter((line) => line.startsWith('stderr')),
    ['stderr:oops'],
  );
});

test('the pid is the command itself, the leader of its own group', async () => {
  const run = start(['/bin/sh', '-c', 'echo $$; exec sleep 100']);
  await until('output', () => run.lines.length === 1);
  assert.equal(run.lines[0], `stdout:${run.process.pid}`);
  assert.equal(run.process.signal('SIGTERM'), true);
  assert.deepEqual(await run.exit, { code: null, signal: 'SIGTERM' });
  assert.equal(run.process.signal('SIGTERM'), false, 'and it says that it is over');
});

test('what the command left behind ends with it', async () => {
  const run = start(['/bin/sh', '-c', 'sleep 100 & echo $!; exit 0']);
  assert.deepEqual(await run.exit, { code: 0, signal: null });
  await gone([Number(run.lines[0]?.split(':')[1]), -run.process.pid]);
});

test('kill ends a command that ignores SIGTERM, with its children', async () => {
  const run = start(['/bin/sh', '-c', "trap '' TERM; sleep 100 & echo $!; while :; do sleep 1; done"]);
  await until('output', () => run.lines.length === 1);
  run.process.signal('SIGTERM');
  run.process.kill();
  assert.deepEqual(await run.exit, { code: null, signal: 'SIGKILL' });
  await gone([Number(run.lines[0]?.split(':')[1]), -run.process.pid]);
});

test('a command that is not there is an error, not an exit code', () => {
  assert.throws(() => start(['no-such-command-here']), /"no-such-command-here": executable file not found in \$PATH/);
  assert.throws(() => start(['/etc/passwd']), /"\/etc\/passwd": executable file not found/);
  assert.throws(() => start(['sh'], {}, '/no/such/folder'), /working directory \/no\/such\/folder/);
  assert.throws(() => start([]), /executable file not found/);
});

test('a long line comes in pieces, and split characters whole', async () => {
  const script = "process.stdout.write('ü'.repeat(40000))";
  const run = start([process.execPath, '-e', script]);
  await run.exit;
  assert.ok(run.lines.length >= 2);
  assert.equal(run.lines.map((line) => line.slice('stdout:'.length)).join(''), 'ü'.repeat(40000));
});

test('nothing survives when the parent is killed with SIGKILL', async () => {
  const child = host(`for (let i = 0; i < 3; i++) go("trap '' TERM HUP; sleep 100 & echo $$ $!; wait; sleep 100");`);
  const pids = await numbers(child, 6);
  child.kill('SIGKILL');
  await gone(pids);
});

test('nothing survives when the parent is killed right after the start', async () => {
  const child = host(
    `const p = go('sleep 100'); process.stdout.write(p.pid + '\\n', () => process.kill(process.pid, 'SIGKILL'));`,
  );
  const [pid] = await numbers(child, 1);
  await gone([pid as number, -(pid as number)]);
});

test('a parent that is only stopped keeps its processes', async () => {
  const child = host(`go('echo $$; exec sleep 100');`);
  const [pid] = await numbers(child, 1);
  child.kill('SIGSTOP');
  const watch = start(['/bin/sh', '-c', `for i in 1 2 3 4 5; do sleep 0.1; kill -0 ${pid} || exit 1; done`]);
  assert.deepEqual(await watch.exit, { code: 0, signal: null });
  child.kill('SIGKILL');
  await gone([pid as number]);
});

test.run();
