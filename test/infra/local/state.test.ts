import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { startLocalAws } from '../../../infra/local/index.ts';
import type { Persistent } from '../../../infra/local/service.ts';
import { openState } from '../../../infra/local/state.ts';
import { callerOf } from './support.ts';

async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), 'local-aws-'));
  try {
    await fn(join(base, 'state'));
  } finally {
    chmodSync(base, 0o700);
    rmSync(base, { recursive: true, force: true });
  }
}

test('queues, messages and parameters survive a restart', async () => {
  await inFolder(async (stateDir) => {
    const first = await startLocalAws({ port: 0, stateDir });
    const { QueueUrl } = await callerOf(first.sqs)('CreateQueue', { QueueName: 'q' });
    await callerOf(first.sqs)('SendMessage', { QueueUrl, MessageBody: 'kept' });
    await callerOf(first.ssm)('PutParameter', { Name: '/a', Value: 'v', Type: 'SecureString' });
    await first.close();
    assert.deepEqual(readdirSync(stateDir).sort(), ['sqs.json', 'ssm.json']);
    assert.equal(statSync(stateDir).mode & 0o777, 0o700);
    assert.equal(statSync(join(stateDir, 'ssm.json')).mode & 0o777, 0o600);
    const second = await startLocalAws({ port: 0, stateDir });
    const got = await callerOf(second.sqs)('ReceiveMessage', { QueueUrl });
    assert.equal(got.Messages[0].Body, 'kept');
    const read = await callerOf(second.ssm)('GetParameter', { Name: '/a', WithDecryption: true });
    assert.equal(read.Parameter.Value, 'v');
    await second.close();
  });
});

test('a damaged file is named, and nothing starts', async () => {
  await inFolder(async (stateDir) => {
    const first = await startLocalAws({ port: 0, stateDir });
    await callerOf(first.sqs)('CreateQueue', { QueueName: 'q' });
    await first.close();
    const path = join(stateDir, 'sqs.json');
    for (const text of ['{"format":1,"sta', '{"format":9}', '{"format":1,"state":{"queues":5}}']) {
      writeFileSync(path, text);
      try {
        await startLocalAws({ port: 0, stateDir });
        assert.fail();
      } catch (error) {
        assert.match((error as Error).message, /sqs\.json is damaged: .*move it away/);
      }
    }
  });
});

test('a write that fails is reported once and tried again', async () => {
  await inFolder(async (folder) => {
    let value = 1;
    let changed = (): void => {};
    const service: Persistent = {
      stateName: 'x',
      snapshot: () => {
        if (value === 2) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return value;
      },
      restore: () => {},
      onChange: (fn) => {
        changed = fn;
      },
    };
    const problems: string[] = [];
    const state = await openState([service], { folder, onProblem: (message) => problems.push(message) });
    value = 2;
    changed();
    await state.close();
    await state.close();
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /x\.json; will keep trying/);
    value = 3;
    await state.close();
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'x.json'), 'utf8')), { format: 1, state: 3 });
    assert.deepEqual(readdirSync(folder), ['x.json']);
  });
});

test.run();
