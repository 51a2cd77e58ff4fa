/** The lock of a folder: one owner at a time, and none that has ended. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { lockFolder } from '../../../reconciler/demo/lock.ts';
import { UserError } from '../../../reconciler/text/user-error.ts';
import { until } from '../../support/until.ts';

const test = suite('lock');
let folder = '';
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
});
test.after.each(() => rmSync(folder, { recursive: true }));

const put = (text: string): void => writeFileSync(join(folder, 'up.lock'), text);

test('it is taken once, released, and taken again; nothing is left', () => {
  const release = lockFolder(folder);
  assert.throws(
    () => lockFolder(folder),
    (error: unknown) => error instanceof UserError && error.message.includes(`process ${process.pid} already uses`),
  );
  release();
  lockFolder(folder)();
  assert.deepEqual(readdirSync(folder), []);
});

test('a folder that does not exist is made', () => {
  lockFolder(join(folder, 'a', 'b'))();
  assert.deepEqual(readdirSync(join(folder, 'a', 'b')), []);
});

test('the lock of a process that was killed is taken over', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  put(JSON.stringify({ pid: child.pid }));
  assert.throws(() => lockFolder(folder), /already uses/);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const release = lockFolder(folder);
  assert.equal(JSON.parse(readFileSync(join(folder, 'up.lock'), 'utf8')).pid, process.pid);
  release();
});

test('the lock of a killed process that nobody has waited for is taken over', async () => {
  if (process.platform !== 'linux') return;
  // The shell turns into a process that never waits for the child it started.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [pid] = await once(parent.stdout, 'data');
  const stat = () => readFileSync(`/proc/${Number(String(pid))}/stat`, 'utf8');
  await until('the child to end', () => / Z /.test(stat()));
  put(JSON.stringify({ pid: Number(String(pid)) }));
  lockFolder(folder)();
  parent.kill();
});

test('a process id that another process has got since is no owner', () => {
  put(JSON.stringify({ pid: process.pid, began: '1' }));
  lockFolder(folder)();
});

for (const text of ['', '{', 'null', '{"pid":"x"}', '{"pid":0}', '\0\0\0'])
  test(`a damaged lock ${JSON.stringify(text)} is taken over`, () => {
    put(text);
    lockFolder(folder)();
  });

test('a folder that cannot be made is told in words', () => {
  put('');
  assert.throws(
    () => lockFolder(join(folder, 'up.lock', 'inside')),
    (error: unknown) => error instanceof UserError && /cannot be written/.test(error.message),
  );
});

test.run();
