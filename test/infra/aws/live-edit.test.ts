/**
 * An update of the stack after somebody edited a policy live. The engine and the provider are played by their rules:
 * an ignored input keeps the value of the state, and any difference that is left makes the provider write the whole
 * parameter (https://github.com/pulumi/pulumi-aws, resource `aws.ssm.Parameter`), over the edit.
 */
import assert from 'node:assert/strict';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { test } from 'uvu';
import { startLocalAws } from '../../../infra/local/index.ts';
import { type Asked, runStack } from '../../support/stack.ts';

const home = { region: 'us-east-1', accountId: '000000000000' };
const cloud = await startLocalAws({ port: 0, ...home, services: [] });
const { accessKeyId, secretAccessKey } = cloud.rootKey;
const ssm = new SSMClient({
  endpoint: cloud.url,
  region: home.region,
  credentials: { accessKeyId, secretAccessKey },
});

type Inputs = Record<string, unknown>;
const put = (inputs: Inputs, Overwrite: boolean): Promise<unknown> =>
  ssm.send(
    new PutParameterCommand({
      Name: String(inputs.name),
      Value: String(inputs.value),
      Type: 'String',
      Tier: inputs.tier === 'Advanced' ? 'Advanced' : 'Standard',
      Description: String(inputs.description),
      Overwrite,
    }),
  );

/** The effect of an update on a parameter: none, or a write of the state's value. */
async function update(asked: Asked, state: Inputs, ignored: readonly string[]): Promise<'same' | 'written'> {
  const next = { ...asked.inputs, ...Object.fromEntries(ignored.map((key) => [key, state[key]])) };
  const differs = Object.keys(next).some((key) => next[key] !== state[key]);
  if (!differs) return 'same';
  await put(next, true);
  return 'written';
}

const EDIT = '# edited at 3 a.m.\n';
/** An edit that a standard parameter does not hold. */
const LONG_EDIT = `${EDIT}${'#'.repeat(5_000)}\n`;
const stack = await runStack('prod');
const asked = stack.one('aws:ssm/parameter:Parameter', 'policy-taskiq-workers');
const name = String(asked.inputs.name);
/** The next version of the program has other words and another tier for the same parameter. */
const next: Asked = { ...asked, inputs: { ...asked.inputs, description: 'Other words', tier: 'Advanced', value: 'x' } };

/** A parameter as the stack put it, then edited. */
async function live(value: string): Promise<void> {
  await ssm.send(new DeleteParameterCommand({ Name: name })).catch(() => undefined);
  await put(asked.inputs, false);
  await put({ ...asked.inputs, value, tier: value.length > 4_096 ? 'Advanced' : 'Standard' }, true);
}
const stored = async (): Promise<string | undefined> =>
  (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter?.Value;

test('an update leaves a live edit as it is, whatever the program says of the parameter meanwhile', async () => {
  for (const edit of [EDIT, LONG_EDIT]) {
    await live(edit);
    assert.equal(await update(next, asked.inputs, asked.ignoreChanges), 'same');
    assert.equal(await stored(), edit);
  }
});

test('each of the ignored inputs is needed: without it the same update undoes the edit', async () => {
  for (const key of asked.ignoreChanges.filter((k) => k === 'description' || k === 'tier')) {
    await live(EDIT);
    const fewer = asked.ignoreChanges.filter((k) => k !== key);
    assert.equal(await update(next, asked.inputs, fewer), 'written', key);
    assert.notEqual(await stored(), EDIT, key);
  }
});

test('an input that is not of the live edit still reaches AWS', async () => {
  const renamed: Asked = { ...asked, inputs: { ...asked.inputs, name: `${name}-2` } };
  assert.equal(await update(renamed, asked.inputs, asked.ignoreChanges), 'written');
});

test('destroying the stack leaves the policy', () => {
  assert.ok(asked.retainOnDelete);
});

test('the cloud is closed', async () => {
  ssm.destroy();
  await cloud.close();
});

test.run();
