import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import { startLocalAws } from '../../../../infra/local/index.ts';
import { callerOf } from '../support.ts';

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
    assert.deepEqual(readdirSync(stateDir), ['journal']);
    assert.equal(statSync(stateDir).mode & 0o777, 0o700);
    assert.equal(statSync(join(stateDir, 'journal')).mode & 0o777, 0o600);
    const second = await startLocalAws({ port: 0, stateDir });
    const got = await callerOf(second.sqs)('ReceiveMessage', { QueueUrl });
    assert.equal(got.Messages[0].Body, 'kept');
    const read = await callerOf(second.ssm)('GetParameter', { Name: '/a', WithDecryption: true });
    assert.equal(read.Parameter.Value, 'v');
    await second.close();
  });
});

test('a damaged journal is named with its place and the ways to go on; nothing starts, and the file stays', async () => {
  await inFolder(async (stateDir) => {
    const first = await startLocalAws({ port: 0, stateDir });
    await callerOf(first.sqs)('CreateQueue', { QueueName: 'q' });
    await first.close();
    const path = join(stateDir, 'journal');
    const text = readFileSync(path, 'utf8').replace('"queue/q"', '"queue/r"').replace('sqs/queue/q', 'sqs/queue/r');
    writeFileSync(path, text);
    await assert.rejects(startLocalAws({ port: 0, stateDir }), {
      message:
        /journal is damaged at line \d+ \(byte \d+\): its checksum does not match its content\. .*move it away.*truncate -s \d+/,
    });
    assert.equal(readFileSync(path, 'utf8'), text);
    // The lock is free again, and the advice works.
    const refused = await startLocalAws({ port: 0, stateDir }).catch((error: Error) => error.message);
    const place = Number(/byte (\d+)/.exec(String(refused))?.[1]);
    writeFileSync(path, text.slice(0, place));
    await (await startLocalAws({ port: 0, stateDir })).close();
  });
});

test('a folder belongs to one run at a time, and is free again after a port that is taken', async () => {
  await inFolder(async (stateDir) => {
    const first = await startLocalAws({ port: 0, stateDir });
    await assert.rejects(startLocalAws({ port: 0, stateDir }), {
      message: `The folder ${stateDir} is in use by process ${process.pid} (this one). End that process, or choose another folder.`,
    });
    const other = `${stateDir}-2`;
    await assert.rejects(startLocalAws({ port: first.port, stateDir: other }), /is taken/);
    await (await startLocalAws({ port: 0, stateDir: other })).close();
    await first.close();
    await (await startLocalAws({ port: 0, stateDir })).close();
  });
});

test.run();
