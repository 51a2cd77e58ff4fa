/** A worker of the user's own that exits at once: each place that tells of it shows the exit code and what it printed last. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { test } from 'uvu';
import { until } from '../../support/until.ts';
import { clientOf, startUp, type UpRun } from '../../support/up.ts';

const WORKER = "sh -c 'echo boom; echo no module named jobs; exit 3'";
const SAYS = /exit code 3 \(.*\); its last line: no module named jobs/;

interface Page {
  concerns: { type: string; message: string }[];
  lastLines?: string[];
}

async function pageOf(run: UpRun): Promise<Page | undefined> {
  const [started = ''] = readFileSync(join(run.cwd, '.sluice', 'sluice.log'), 'utf8').split('\n');
  const { url } = JSON.parse(started) as { url: string };
  const answer = await fetch(`${url}/api/policies`);
  return ((await answer.json()) as { policies: Page[] }).policies[0];
}

async function send(run: UpRun): Promise<void> {
  const sqs = new SQSClient(clientOf(run));
  const QueueUrl = `${run.env.AWS_ENDPOINT_URL}/000000000000/jobs`;
  const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `${i}`, MessageBody: 'a job' }));
  for (let i = 0; i < 4; i++) await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  sqs.destroy();
}

test('the last lines of a worker that exits at once stand in up, status, page and explain', async () => {
  const run = await startUp({ scenario: 'tour', args: ['--worker', WORKER, '--drain-timeout', '1s'] });
  try {
    await until('the status to say why', async () => SAYS.test((await run.sluice('status', 'workers')).stdout), 60_000);
    assert.match(run.output(), /ended by itself .* with exit code 3[\s\S]*\| boom\n\s*\| no module named jobs/);
    const page = await pageOf(run);
    assert.match(page?.concerns.find(({ type }) => type === 'WorkersStart')?.message ?? '', SAYS);
    assert.deepEqual(page?.lastLines, ['boom', 'no module named jobs']);
    await send(run);
    let explained = '';
    await until('no further worker', async () => {
      explained = (await run.sluice('explain', 'workers')).stdout;
      return /no scale-up while tasks fail/.test(explained);
    });
    assert.match(explained, /failed {3}task \w+ with exit code 3 \(.*\), its last lines:\n\s*\| boom\n\s*\| no module/);
    assert.match(explained, /starting +\d+ -> 1 /);
  } finally {
    await run.cleanUp();
  }
});

test.run();
