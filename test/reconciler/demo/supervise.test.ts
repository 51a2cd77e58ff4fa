/** The supervisor: a process that is killed starts again; one that cannot start is told, with its last lines. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { Supervisor } from '../../../reconciler/demo/supervise.ts';
import { UserError } from '../../../reconciler/text/user-error.ts';

const test = suite('supervisor');
const folder = mkdtempSync(join(tmpdir(), 'sluice-supervise-'));
test.after(() => rmSync(folder, { recursive: true }));

function supervise(name: string, source: string) {
  const program = join(folder, `${name}.js`);
  writeFileSync(program, source);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const told: string[] = [];
  const supervisor = new Supervisor({
    program,
    firstDelay: 1,
    args: ['run'],
    env: {},
    logFile: join(folder, `${name}.log`),
    onLine: (line) => {
      lines.push(line);
      for (const look of waiting) look();
    },
    onRestart: (how) => told.push(how),
  });
  supervisor.start();
  const line = (count: number): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (lines.length >= count) resolve(lines[count - 1]!);
      };
      waiting.add(look);
      look();
    });
  return { supervisor, told, line, log: () => readFileSync(join(folder, `${name}.log`), 'utf8') };
}

test('a process that ends at once, again and again: it gives up, and shows the last lines', async () => {
  const { supervisor, told } = supervise(
    'broken',
    `for (let i = 1; i <= 9; i++) console.error('line ' + i); process.exitCode = 3;`,
  );
  await assert.rejects(supervisor.gaveUp, (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /ended 4 times right after its start \(status 3\)/);
    assert.deepEqual(error.details, ['line 5', 'line 6', 'line 7', 'line 8', 'line 9']);
    return true;
  });
  assert.equal(supervisor.restarts, 3);
  assert.equal(told.length, 3);
  await supervisor.stop();
});

test('a process that is killed starts again, however often; stop ends it, and its log is whole', async () => {
  const { supervisor, told, line, log } = supervise(
    'steady',
    `process.on('SIGTERM', () => { console.log('bye'); process.exit(0); }); setInterval(() => {}, 1000); console.log(process.pid);`,
  );
  for (let start = 1; start <= 6; start++) process.kill(Number(await line(start)), 'SIGKILL');
  const last = Number(await line(7));
  assert.equal(supervisor.restarts, 6);
  assert.match(told[0] ?? '', /the reconciler ended \(SIGKILL\); Sluice starts it again/);
  await supervisor.stop();
  assert.throws(() => process.kill(last, 0), /ESRCH/);
  assert.equal(log().trim().split('\n').length, 8);
  assert.match(log(), /bye\n$/);
});

test.run();
