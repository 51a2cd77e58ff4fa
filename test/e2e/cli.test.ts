/** The command line against the embedded AWS: what each command prints, refuses and exits with. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { suite } from 'uvu';
import { createEcs } from '../../infra/local/ecs/index.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { EXAMPLE } from '../support/documents.ts';
import { cleanEnvironment, run, SLUICE } from '../support/up.ts';

const cloud = await startLocalAws({ port: 0, services: [(context) => createEcs(context, { startUpMs: 10 })] });
const { accessKeyId, secretAccessKey } = cloud.rootKey;
const clients = { endpoint: cloud.url, region: cloud.region, credentials: { accessKeyId, secretAccessKey } };
const env = {
  ...cleanEnvironment(),
  AWS_ENDPOINT_URL: cloud.url,
  AWS_REGION: cloud.region,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
};
const cwd = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
const sluice = (args: string[], more: NodeJS.ProcessEnv = {}, input = '') =>
  run(process.execPath, [SLUICE, ...args], { cwd, env: { ...env, ...more }, input });
const file = (name: string, text: string): string => {
  writeFileSync(join(cwd, name), text);
  return name;
};
const ssm = new SSMClient(clients);
/** Somebody else's edit. */
const elsewhere = (text: string) =>
  ssm.send(
    new PutParameterCommand({ Name: '/sluice/policies/taskiq-workers', Value: text, Type: 'String', Overwrite: true }),
  );

const test = suite('commands');
/** The first character of a terminal's color code. */
const ESCAPE = new RegExp(String.fromCharCode(27));

test('help, version and wrong usage', async () => {
  const help = await sluice(['--help']);
  assert.equal(help.status, 0);
  for (const command of ['up', 'run', 'plan', 'policy', 'status', 'logs', 'explain'])
    assert.match(help.stdout, new RegExp(`^  ${command}\\b`, 'm'));
  assert.equal((await sluice(['--version'])).stdout, '0.1.0\n');
  const typo = await sluice(['statsu']);
  assert.equal(typo.status, 2);
  assert.match(typo.stderr, /unknown command 'statsu'[\s\S]*Did you mean status/);
  assert.equal((await sluice(['policy', 'get'])).status, 2);
  assert.equal((await sluice(['up', '--duration', 'long'])).status, 2);
  assert.equal((await sluice(['up', '--worker', ' '])).status, 2);
  const url = await sluice(['up', '--worker', 'true', '--queue', 'https://sqs.eu-west-1.amazonaws.com/1/jobs']);
  assert.deepEqual([url.status, url.stderr.includes('give a name, not a URL or ARN')], [2, true]);
  const unknown = await sluice(['up', '--scenario', 'brust']);
  assert.deepEqual([unknown.status, unknown.stderr.includes('did you mean burst?')], [1, true]);
});

test('no colour in a pipe, colour when forced', async () => {
  file('good.yaml', EXAMPLE);
  assert.doesNotMatch((await sluice(['policy', 'validate', 'good.yaml'])).stdout, ESCAPE);
  assert.match((await sluice(['policy', 'validate', 'good.yaml'], { FORCE_COLOR: '1' })).stdout, ESCAPE);
});

test('policy validate: places and hints, JSON, stdin', async () => {
  file('bad.yaml', EXAMPLE.replace('step: 1', 'stepp: 1'));
  const bad = await sluice(['policy', 'validate', 'good.yaml', 'bad.yaml']);
  assert.equal(bad.status, 1);
  assert.equal(
    bad.stdout,
    'good.yaml: valid\nbad.yaml:17:9 spec.scaling.strategies[0].stepp: unknown field (did you mean step?)\n',
  );
  const json = JSON.parse((await sluice(['policy', 'validate', '--json', 'bad.yaml'])).stdout) as {
    results: { problems: { line: number }[] }[];
  };
  assert.equal(json.results[0]?.problems[0]?.line, 17);
  assert.equal((await sluice(['policy', 'validate', '-'], {}, EXAMPLE)).stdout, '<stdin>: valid\n');
  const none = await sluice(['policy', 'validate', 'nowhere.yaml']);
  assert.deepEqual([none.status, none.stderr.includes('there is no file nowhere.yaml')], [1, true]);
});

test('policy apply: stores, knows what it has seen, and never overwrites what it has not', async () => {
  const refused = await sluice(['policy', 'apply', 'bad.yaml']);
  assert.deepEqual(
    [refused.status, /bad\.yaml is not valid; nothing was stored\n {2}bad\.yaml:17:9/.test(refused.stderr)],
    [1, true],
  );
  const first = await sluice(['policy', 'apply', 'good.yaml']);
  assert.match(first.stdout, /stored \/sluice\/policies\/taskiq-workers version 1/);
  assert.match((await sluice(['policy', 'apply', 'good.yaml'])).stdout, /nothing to do/);
  file('good.yaml', EXAMPLE.replace('maxWorkers: 20', 'maxWorkers: 21'));
  const dry = await sluice(['policy', 'apply', '--dry-run', 'good.yaml']);
  assert.match(dry.stdout, /- {4}maxWorkers: 20\n\+ {4}maxWorkers: 21[\s\S]*nothing was stored/);
  const wordy = await sluice(['policy', 'apply', 'good.yaml', '--reason', 'x'.repeat(301)]);
  assert.deepEqual([wordy.status, /has 301 characters; at most 300 are kept/.test(wordy.stderr)], [2, true]);
  const second = await sluice(['policy', 'apply', 'good.yaml', '--reason', 'more for the sale\u001b[31m']);
  assert.match(second.stdout, /version 2/);

  await elsewhere(EXAMPLE.replace('maxWorkers: 20', 'maxWorkers: 30'));
  file('good.yaml', EXAMPLE.replace('maxWorkers: 20', 'maxWorkers: 22'));
  const unseen = await sluice(['policy', 'apply', 'good.yaml']);
  assert.equal(unseen.status, 1);
  assert.match(
    unseen.stderr,
    /is at version 3, which was not looked at from this folder; nothing was stored[\s\S]*--if-version 3/,
  );
  assert.equal((await sluice(['policy', 'apply', 'good.yaml', '--if-version', '2'])).status, 1);
  assert.match((await sluice(['policy', 'apply', 'good.yaml', '--if-version', '3'])).stdout, /version 4/);

  await elsewhere(EXAMPLE.replace('maxWorkers: 20', 'maxWorkers: 31'));
  const diff = await sluice(['policy', 'diff', 'good.yaml']);
  assert.deepEqual([diff.status, /- {4}maxWorkers: 31\n\+ {4}maxWorkers: 22/.test(diff.stdout)], [1, true]);
  assert.equal((await sluice(['policy', 'apply', 'good.yaml'])).status, 0, 'what diff has shown was seen');
});

test('policy apply: the size limits of SSM are told before a write', async () => {
  file('long.yaml', `${EXAMPLE}# ${'x'.repeat(4_000)}\n`);
  const long = await sluice(['policy', 'apply', '--force', 'long.yaml']);
  assert.match(long.stderr, /the document is \d{4} bytes; a standard parameter holds 4096[\s\S]*--advanced/);
  file('huge.yaml', `${EXAMPLE}# ${'x'.repeat(8_000)}\n`);
  assert.match(
    (await sluice(['policy', 'apply', '--force', '--advanced', 'huge.yaml'])).stderr,
    /an SSM parameter holds at most 8192/,
  );
});

test('policy get, history, diff of versions, rollback', async () => {
  assert.match((await sluice(['policy', 'get', 'taskiq-workers'])).stdout, /maxWorkers: 22/);
  assert.match((await sluice(['policy', 'get', 'taskiq-workers', '--version', '1'])).stdout, /maxWorkers: 20/);
  const none = await sluice(['policy', 'get', 'taskiq-worker']);
  assert.deepEqual([none.status, none.stderr.includes('there is no policy taskiq-worker')], [1, true]);
  const history = JSON.parse((await sluice(['policy', 'history', 'taskiq-workers', '--json'])).stdout) as {
    versions: { version: number; valid: boolean; reason?: string }[];
  };
  // Version 3 was stored by another tool, without a description: SSM then keeps the one before.
  const reasons = history.versions.filter(({ version, reason }) => version !== 3 && reason !== undefined);
  assert.deepEqual(
    reasons.map(({ version, reason }) => [version, reason]),
    [[2, 'more for the sale\u001b[31m']],
    'no version of Sluice inherits it',
  );
  const shown = (await sluice(['policy', 'history', 'taskiq-workers'])).stdout;
  assert.match(shown, /REASON/);
  assert.ok(
    shown.includes('more for the sale') && !shown.includes('sale\u001b[31m'),
    'no control character is printed',
  );
  assert.deepEqual(
    history.versions.map((v) => v.version),
    [6, 5, 4, 3, 2, 1],
  );
  assert.match(
    (await sluice(['policy', 'diff', 'taskiq-workers', '--from', '1', '--to', '2'])).stdout,
    /- {4}maxWorkers: 20\n\+ {4}maxWorkers: 21/,
  );
  assert.match((await sluice(['policy', 'rollback', 'taskiq-workers', '--to', '1'])).stdout, /stored .* version 7/);
  assert.match((await sluice(['policy', 'history', 'taskiq-workers'])).stdout, /back to version 1/);
  assert.match((await sluice(['policy', 'get', 'taskiq-workers'])).stdout, /maxWorkers: 20/);
  const back = await sluice(['policy', 'rollback', 'taskiq-workers']);
  assert.match(back.stdout, /\+ {4}maxWorkers: 22/);
});

test('an encrypted policy stays encrypted, under its own key', async () => {
  const Name = '/secret/taskiq-workers';
  const prefix = ['--prefix', '/secret/'];
  const put = (Value: string, more: object) => ssm.send(new PutParameterCommand({ Name, Value, ...more }));
  const kept = async () => {
    const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [Name] }];
    const { Parameters } = await ssm.send(new DescribeParametersCommand({ ParameterFilters }));
    return Parameters?.map(({ Type, KeyId, Version }) => `${Type} ${KeyId} ${Version}`).join();
  };
  await put(EXAMPLE, { Type: 'SecureString', KeyId: 'alias/own' });
  file('secret.yaml', EXAMPLE.replace('maxWorkers: 20', 'maxWorkers: 21'));
  const applied = await sluice(['policy', 'apply', 'secret.yaml', '--if-version', '1', ...prefix]);
  assert.deepEqual([applied.status, await kept()], [0, 'SecureString alias/own 2'], applied.stderr);
  const back = await sluice(['policy', 'rollback', 'taskiq-workers', ...prefix]);
  assert.deepEqual([back.status, await kept()], [0, 'SecureString alias/own 3'], back.stderr);
  const EDITOR = `sed -i 's/maxWorkers: 20/maxWorkers: 22/'`;
  const edited = await sluice(['policy', 'edit', 'taskiq-workers', ...prefix], { EDITOR });
  assert.deepEqual([edited.status, await kept()], [0, 'SecureString alias/own 4'], edited.stderr);
});

test('a policy in a folder is refused, and one that is stored there all the same is told: status, doctor', async () => {
  file('folder.yaml', EXAMPLE.replace('name: taskiq-workers', 'name: team/workers'));
  for (const command of ['validate', 'apply']) {
    const { status, stdout, stderr } = await sluice(['policy', command, 'folder.yaml']);
    assert.equal(status, 1);
    assert.match(stdout + stderr, /must not hold a slash \(team-workers, for example\): policies stand directly below/);
  }
  const prefix = ['--prefix', '/folders/'];
  const status = () => sluice(['status', ...prefix]);
  const put = (Name: string) => ssm.send(new PutParameterCommand({ Name, Value: EXAMPLE, Type: 'String' }));
  assert.doesNotMatch((await status()).stdout, /not read/);
  await put('/folders/team/workers');
  const told = /not read: \/folders\/team\/workers; policies stand directly below \/folders\//;
  const todo = /store it as \/folders\/team-workers, .* --prefix \/folders\/team\//;
  const empty = await status();
  assert.match(empty.stdout, told);
  assert.match(empty.stdout, todo);
  const none = await sluice(['doctor', ...prefix]);
  assert.equal(none.status, 1);
  assert.match(none.stderr, told);
  await put('/folders/taskiq-workers');
  const beside = JSON.parse((await sluice(['status', '--json', ...prefix])).stdout) as {
    policies: { name: string }[];
    notRead: { text: string };
  };
  assert.deepEqual(
    beside.policies.map(({ name }) => name),
    ['taskiq-workers'],
  );
  assert.match(beside.notRead.text, told);
  const examined = await sluice(['doctor', ...prefix]);
  assert.match(examined.stdout, told);
  // Its own statuses in a folder of the prefix are none.
  await put('/folders/status/taskiq-workers');
  assert.match((await sluice(['status', ...prefix, '--status-prefix', '/folders/status/'])).stdout, told);
});

test('policy edit: valid, invalid and mended, unchanged, given up, overtaken', async () => {
  const editor = (name: string, script: string): string => {
    file(name, `#!/bin/sh\n${script}\n`);
    chmodSync(join(cwd, name), 0o755);
    return join(cwd, name);
  };
  const edit = (script: string) =>
    sluice(['policy', 'edit', 'taskiq-workers'], { EDITOR: editor('editor.sh', script) });
  assert.match(
    (await edit('sed -i \'s/maxWorkers: 22/maxWorkers: 23/\' "$1"')).stdout,
    /\+ {4}maxWorkers: 23[\s\S]*stored/,
  );
  assert.match((await edit('true')).stdout, /nothing was changed/);
  // The first time it breaks the document; the second time the complaint stands on top, and it is mended.
  const twice = await edit(
    'if grep -q \'^#! \' "$1"; then sed -i \'s/maxWorker: 23/maxWorkers: 24/\' "$1"; else sed -i \'s/maxWorkers: 23/maxWorker: 23/\' "$1"; fi',
  );
  assert.equal(twice.status, 0, twice.stderr);
  assert.match((await sluice(['policy', 'get', 'taskiq-workers'])).stdout, /maxWorkers: 24/);
  const gaveUp = await edit('sed -i \'s/maxWorkers/maxWorker/\' "$1"');
  assert.equal(gaveUp.status, 1);
  const kept = /kept in (\S+)/.exec(gaveUp.stderr)?.[1];
  assert.match(readFileSync(kept!, 'utf8'), /maxWorker: 24/);
  const put = `AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=1 ${process.execPath} ${SLUICE} policy rollback taskiq-workers >/dev/null`;
  const overtaken = await edit(`${put}; sed -i 's/maxWorkers: 24/maxWorkers: 25/' "$1"`);
  assert.equal(overtaken.status, 1);
  assert.match(overtaken.stderr, /was changed meanwhile[\s\S]*your text is kept in/);
  assert.equal((await sluice(['policy', 'edit', 'taskiq-workers'], { EDITOR: 'no-such-editor' })).status, 1);
});

test('policy schema is a JSON Schema', async () => {
  const schema = JSON.parse((await sluice(['policy', 'schema'])).stdout) as { title: string; $schema: string };
  assert.deepEqual([schema.title, schema.$schema], ['WorkerPolicy', 'https://json-schema.org/draft/2020-12/schema']);
});

test('plan and run --once: nothing is written by the first, the second acts', async () => {
  const ecs = new ECSClient(clients);
  const sqs = new SQSClient(clients);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'taskiq-tasks' }));
  for (let i = 0; i < 15; i++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  await ecs.send(new CreateClusterCommand({ clusterName: 'demo' }));
  const containerDefinitions = [{ name: 'w', image: 'w', command: ['sleep', '600'] }];
  await ecs.send(new RegisterTaskDefinitionCommand({ family: 'w', containerDefinitions }));
  await ecs.send(
    new CreateServiceCommand({ cluster: 'demo', serviceName: 'taskiq-workers', taskDefinition: 'w', desiredCount: 2 }),
  );
  await elsewhere(EXAMPLE);

  const fromFile = await sluice(['plan', '--policy', file('plan.yaml', EXAMPLE)]);
  assert.equal(fromFile.status, 0, fromFile.stderr);
  assert.match(
    fromFile.stdout,
    /threshold: 3, because 15 visible is above 10[\s\S]*would UpdateService desiredCount 2 -> 3\n\nPlan: 2 -> 3 \(threshold\)\n$/,
  );
  assert.match(fromFile.stdout, /taskiq-workers from a file \(enforce\)/);
  assert.equal((await sluice(['plan', '--detailed-exitcode'])).status, 2, 'something would change');
  const full = file('full.yaml', EXAMPLE.replace('maxWorkers: 20', 'maxWorkers: 2'));
  const at = await sluice(['plan', '--policy', full, '--detailed-exitcode']);
  assert.deepEqual([at.status, at.stdout.split('\n').at(-2)], [0, 'Plan: no change, 2 workers (maxWorkers)']);
  const stored = JSON.parse((await sluice(['plan', '--json'])).stdout) as { plans: { actions: object[] }[] };
  assert.deepEqual(stored.plans[0]?.actions, [{ kind: 'UpdateService', desiredCount: 3, from: 2 }]);
  assert.equal((await sluice(['plan', '--policy', 'nowhere'])).status, 1);

  const alone = await sluice(['policy', 'apply', full, '--force', '--wait', '--timeout', '1s']);
  assert.deepEqual(
    [alone.status, /is stored, but was not in force after 1s\n.*start one/.test(alone.stderr)],
    [1, true],
  );
  await elsewhere(EXAMPLE);

  const before = await sluice(['status']);
  assert.match(before.stdout, /no reconciler has reported/);
  const once = await sluice(['run', '--once', '--port', '0']);
  assert.equal(once.status, 0, once.stdout + once.stderr);
  writeFileSync(join(cwd, 'run.log'), once.stdout);
  const after = await sluice(['status', 'taskiq-workers']);
  assert.match(after.stdout, /last up 2 -> 3/);
  assert.match(
    (await sluice(['logs', 'run.log', '--actions'])).stdout,
    /scaleUp +2 -> 3 workers: threshold: 15 visible is above 10/,
  );
  assert.match((await sluice(['logs', '-'], {}, once.stdout)).stdout, /policy applied/);
  assert.match(
    (await sluice(['explain', 'taskiq-workers', '--log', 'run.log'])).stdout,
    /proposals[\s\S]*guards[\s\S]*actions +UpdateService desiredCount 2 -> 3/,
  );
  assert.equal((await sluice(['explain', 'other', '--log', 'run.log'])).status, 1);
});

test('run --print-config: every setting, where it came from, no secret', async () => {
  const shown = await sluice(['run', '--print-config', '--poll-interval', '3s'], {
    SLUICE_LOG_LEVEL: 'debug',
    SLUICE_TOKEN: 'hush',
  });
  assert.match(shown.stdout, /--poll-interval +3s +flag/);
  assert.match(shown.stdout, /--log-level +debug +environment/);
  assert.match(shown.stdout, /--status-interval +1s +default/);
  assert.match(shown.stdout, /--token +\(set, not shown\)/);
  assert.ok(!shown.stdout.includes('hush'), 'the token is not shown');
  const bad = await sluice(['run', '--print-config'], { SLUICE_POLL_INTERVAL: 'soon' });
  assert.deepEqual(
    [bad.status, /'soon' from env 'SLUICE_POLL_INTERVAL' is invalid\. It must be a duration/.test(bad.stderr)],
    [2, true],
  );
});

test('no AWS there: what failed and what to do, in one line each', async () => {
  const dead = await sluice(['status'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
  assert.equal(dead.status, 1);
  assert.match(dead.stderr, /^error: ssm:GetParametersByPath: .*\n {2}-> AWS could not be reached/);
  const local = await sluice(['status', '--local']);
  assert.match(
    local.stderr,
    /found no usable \.sluice\/env here\n {2}-> start the embedded AWS in this folder: npx sluice up/,
  );
});

test('the rest is cleared away', async () => {
  await cloud.close();
  rmSync(cwd, { recursive: true, force: true });
});

test.run();
