/** `sluice up --iam`: the stack's own policy does, and a permission that is missing is told by name. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import { policyDocument } from '../../infra/aws/blueprint/policy-document.ts';
import { grantsOf } from '../../infra/aws/policy.ts';
import { until } from '../support/until.ts';
import { run, SLUICE, scenario, startUp, type UpRun } from '../support/up.ts';

const POLICY = (least: number) => `
scaling:
  minWorkers: ${least}
  maxWorkers: 6
  strategies: [{ type: threshold }]`;
const folder = mkdtempSync(join(tmpdir(), 'sluice-iam-'));
const test = suite('sluice up --iam');

async function upWith(without: string[]): Promise<UpRun> {
  const { permissions, refusals } = grantsOf('local', '000000000000');
  const kept = permissions.filter((p) => !without.includes(p.action));
  const file = join(folder, `${without.join('-').replaceAll(':', '-') || 'all'}.json`);
  writeFileSync(file, JSON.stringify(policyDocument(kept, refusals)));
  return startUp({ scenario: scenario(1, POLICY(1)), args: ['--iam', file] });
}

/** Somebody asks for more workers. */
async function raise(up: UpRun): Promise<void> {
  await until('a policy in force', async () => (await up.sluice('status', 'demo')).status === 0, 30_000, up.output);
  const { stdout } = await up.sluice('policy', 'get', 'demo');
  const file = join(up.cwd, 'raised.yaml');
  writeFileSync(
    file,
    stdout.replace(/minWorkers: 1\b/, 'minWorkers: 3').replace(/"minWorkers":\s*1\b/, '"minWorkers":3'),
  );
  const applied = await up.sluice('policy', 'apply', file);
  assert.equal(applied.status, 0, applied.stdout + applied.stderr);
}

test('under its own policy the reconciler does all it does, and nothing is refused', async () => {
  const up = await upWith([]);
  try {
    await raise(up);
    await until('the scale-up', () => /scaleUp +1 -> 3 workers/.test(up.output()), 30_000, up.output);
    assert.doesNotMatch(up.output(), /is not allowed/);
  } finally {
    await up.cleanUp();
  }
});

test('without ecs:UpdateService the count stays, and the line says what to grant', async () => {
  const up = await upWith(['ecs:UpdateService']);
  try {
    await raise(up);
    const wanted =
      /action failed: ecs:UpdateService is not allowed.*grant ecs:UpdateService on arn:aws:ecs:\S+:service\/demo\/workers/;
    await until('the warning', () => wanted.test(up.output()), 30_000, up.output);
    // The log tells of a write at once; the status is written a little later.
    const told = async () => /ecs:UpdateService is not allowed/.test((await up.sluice('status', 'demo')).stdout);
    await until('the status', told, 60_000, up.output);
  } finally {
    await up.cleanUp();
  }
});

test('a file that is no policy is refused before anything starts', async () => {
  const file = join(folder, 'broken.json');
  writeFileSync(file, '{"Statement":[{"Effect":"Maybe"}]}');
  const { status, stderr } = await run(process.execPath, [SLUICE, 'up', '--iam', file], {});
  assert.equal(status, 1);
  assert.match(stderr, /broken\.json is not an IAM policy: Effect must be/);
});

test('the files are removed', () => {
  rmSync(folder, { recursive: true, force: true });
});

test.run();
