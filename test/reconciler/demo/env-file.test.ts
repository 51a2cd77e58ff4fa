/** The environment file as each shell reads it: `aws` goes to the embedded AWS, whatever the version of the CLI. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { readEnvFile, writeEnvFile } from '../../../reconciler/demo/env-file.ts';

const reach = {
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIA1', secretAccessKey: 'secret' },
};

test('aws gets the endpoint in every shell that is installed, also where aws is an alias', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-env-'));
  const before = process.cwd();
  try {
    process.chdir(folder);
    mkdirSync('.sluice');
    writeFileSync('aws', '#!/bin/sh\necho "$@"\n');
    chmodSync('aws', 0o755);
    writeEnvFile(reach);
    assert.deepEqual(readEnvFile(), reach);
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    const shells: string[][] = [['sh'], ['dash'], ['bash'], ['bash', '-O', 'expand_aliases'], ['zsh']];
    let ran = 0;
    for (const [shell = '', ...args] of shells) {
      const script = "alias aws='aws --no-cli-pager'\n. ./.sluice/env\naws sqs list-queues 'a b'\n";
      const { status, stdout, stderr, error } = spawnSync(shell, args, { env, input: script, encoding: 'utf8' });
      if (error) continue;
      ran += 1;
      assert.equal(stdout.trim(), '--endpoint-url=http://127.0.0.1:4566 sqs list-queues a b', `${shell}: ${stderr}`);
      assert.equal(status, 0);
    }
    assert.ok(ran > 0, 'no shell is installed');
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
