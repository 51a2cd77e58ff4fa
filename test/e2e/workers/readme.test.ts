/** The command of each example's README is run as it stands, for half a minute: it scales up, and nothing is lost. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import { missing } from '../../support/tools.ts';
import { cleanEnvironment, run, SLUICE } from '../../support/up.ts';
import { BOTO3, CELERY, PATH, TASKIQ } from './kinds.ts';

interface Summary {
  queues: { sent: number; deleted: number; lost: number }[];
  scaleUps: number;
  exits: number;
}

/** Returns the arguments of the README's `npx sluice up`. */
function commandOf(folder: string): string[] {
  const line = /^npx sluice (up .*)$/m.exec(readFileSync(join(folder, 'README.md'), 'utf8'))?.[1] ?? '';
  return (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''));
}

for (const kind of [BOTO3, TASKIQ, CELERY])
  test(`${kind.cwd.split('/').at(-1)}/README.md`, async () => {
    if (!(await kind.here())) return missing(`Python with ${kind.name}'s packages`, 'its README is not run');
    const args = commandOf(kind.cwd);
    assert.ok(args.includes('--worker'), 'there is such a command');
    const bounds = ['--port', '0', '--endpoint-port', '0', '--duration', '30s', '--drain-timeout', '2m', '--json'];
    const env = { ...cleanEnvironment(), PATH, PYTHONDONTWRITEBYTECODE: '1' };
    const { status, stdout, stderr } = await run(process.execPath, [SLUICE, ...args, ...bounds], {
      cwd: kind.cwd,
      env,
    });
    assert.equal(status, 0, stderr);
    const { queues, scaleUps, exits } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Summary;
    assert.ok((queues[0]?.sent ?? 0) > 0, stderr);
    assert.equal(queues[0]?.deleted, queues[0]?.sent, stderr);
    assert.ok(scaleUps >= 1, stderr);
    assert.equal(exits, 0, stderr);
  });

test.run();
