/** The pure parts of `sluice up --worker`: command lines, task definitions, policies, exits, accounts. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import { parsePolicy } from '../../../../policies/document/parse.ts';
import { argvOf } from '../../../../reconciler/demo/own/command.ts';
import { type Exit, Exits } from '../../../../reconciler/demo/own/exits.ts';
import { fitPolicy, suggestedPolicy } from '../../../../reconciler/demo/own/policy.ts';
import { deadLettersOf } from '../../../../reconciler/demo/own/provision.ts';
import {
  accountsOfQueue,
  leftText,
  lostOf,
  type QueuedMessage,
} from '../../../../reconciler/demo/own/queue-accounts.ts';
import { parseTaskDefinition } from '../../../../reconciler/demo/own/task-definition.ts';

const shell = (line: string): string => {
  const [program = '', ...args] = argvOf(line);
  return execFileSync(program, args, { encoding: 'utf8' }).trim();
};

test('a command line keeps its quotes and variables, and takes the place of the shell', () => {
  assert.equal(shell(`printf '%s|' a "b c" 'd"e'`), 'a|b c|d"e|');
  assert.equal(shell('echo $((40 + 2))'), '42');
  assert.deepEqual(argvOf('python worker.py'), ['/bin/sh', '-c', 'exec python worker.py']);
  for (const line of ['cd x && python y', 'A=1 python y', 'a | b', 'a; b'])
    assert.deepEqual(argvOf(line), ['/bin/sh', '-c', line], 'only a shell can run this');
});

const file = (name: string): string => readFileSync(new URL(`../../../../examples/${name}`, import.meta.url), 'utf8');

test('a real task definition gives environment and stopTimeout, and says what has no meaning here', () => {
  const definition = parseTaskDefinition(file('taskiq/task-definition.json'), 'td.json');
  assert.equal(definition.stopTimeout, 120);
  assert.deepEqual(definition.environment, { TASKS_QUEUE: 'taskiq-tasks', GIVE_BACK_AFTER: '90' });
  assert.ok(definition.notes.some((note) => note.startsWith('image: ')));
  assert.ok(definition.notes.some((note) => note.startsWith('cpu, memory: ')));
});

test('a described task definition is accepted too; the essential container is the worker', () => {
  const wrapped = {
    taskDefinition: {
      family: 'f',
      containerDefinitions: [
        { name: 'sidecar', essential: false },
        { name: 'app', environment: [{ name: 'A', value: '1' }], secrets: [{ name: 'KEY', valueFrom: 'arn' }] },
      ],
    },
  };
  const definition = parseTaskDefinition(JSON.stringify(wrapped), 'td.json');
  assert.deepEqual([definition.container, definition.stopTimeout], ['app', 30]);
  assert.deepEqual(definition.notes, [
    'container app is the worker; not started: sidecar. Choose another one with --container',
    'secrets: secrets are not fetched: set these variables in your shell',
  ]);
});

test('what is no task definition is refused with words', () => {
  for (const text of ['', '[]', 'null', '{}', '{"family":"f","containerDefinitions":[]}', '{"family":1}', 'family: f'])
    assert.throws(() => parseTaskDefinition(text, 'td.json'), /td\.json is not (JSON|a task definition)/, text);
});

test('every part that is set is told, whatever it is; nulls, empty lists, zeros and a byte order mark are not', () => {
  const worker = {
    ...{
      name: 'app',
      essential: null,
      stopTimeout: 300,
      environment: [
        { name: 'A' },
        { name: 'QUEUE_URL', value: 'x' },
        { name: 'AWS_ENDPOINT_URL_SQS', value: 'https://sqs' },
      ],
      cpu: 0,
      mountPoints: [],
    },
    ...{ environmentFiles: [{ type: 's3', value: 'arn' }], workingDirectory: '/app', user: 'nobody', secrets: null },
    ...{ ulimits: [{ name: 'nofile' }], entryPoint: ['python'], somethingOfTomorrow: true },
  };
  const text = `\uFEFF${JSON.stringify({ family: 'f', revision: 3, taskRoleArn: null, containerDefinitions: [worker] })}`;
  const definition = parseTaskDefinition(text, 'td.json');
  assert.deepEqual([definition.stopTimeout, definition.environment], [120, { A: '' }]);
  assert.deepEqual(definition.notes, [
    'stopTimeout 300: the embedded ECS waits 120 s at most, as Fargate does',
    'QUEUE_URL, AWS_ENDPOINT_URL_SQS: Sluice sets what leads to the AWS on this machine',
    'environmentFiles: environment files are not fetched: set their variables in your shell',
    'workingDirectory: the worker starts in this folder',
    'user: the worker runs as you',
    'ulimits: the worker is not limited',
    'entryPoint: the command of --worker runs instead',
    'somethingOfTomorrow: no meaning here',
  ]);
});

test('--container chooses among several; a list of containers alone is what Terraform has', () => {
  const text = JSON.stringify([{ name: 'envoy' }, { name: 'app' }]);
  assert.equal(parseTaskDefinition(text, 'td.json').container, 'envoy');
  const definition = parseTaskDefinition(text, 'td.json', 'app');
  assert.deepEqual([definition.family, definition.container], ['workers', 'app']);
  assert.deepEqual(definition.notes, ['container app is the worker; not started: envoy']);
  assert.throws(() => parseTaskDefinition(text, 'td.json', 'apq'), /td\.json has no container apq/);
});

const fitted = (text: string) => {
  const parsed = parsePolicy(text);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return fitPolicy(text, parsed.policy, 'policy.yaml');
};

test('the suggested policy is valid, enforced, and has an experiment of each fault', () => {
  const policy = fitted(suggestedPolicy('my.fifo'));
  assert.deepEqual([policy.queue, policy.minWorkers, policy.notes], ['my.fifo', 1, []]);
  assert.deepEqual(policy.experiments, ['stop-a-task', 'cut-off', 'drain-all']);
});

test('a policy that only observes is enforced here, and says so; comments stay', () => {
  const policy = fitted(file('taskiq/policy.yaml'));
  assert.match(policy.text, /mode: enforce/);
  assert.match(policy.text, /# --max-async-tasks/);
  assert.equal(policy.notes.length, 1);
});

test("a policy of AWS's own queue and cluster is fitted to this machine", () => {
  const text = suggestedPolicy('x')
    .replace(/name: x/, 'arn: arn:aws:sqs:eu-west-1:111122223333:jobs.fifo')
    .replace('cluster: local', 'cluster: arn:aws:ecs:eu-west-1:111122223333:cluster/prod');
  const policy = fitted(text);
  assert.deepEqual([policy.queue, policy.cluster, policy.service], ['jobs.fifo', 'prod', 'workers']);
  assert.ok(parsePolicy(policy.text).ok);
  assert.doesNotMatch(policy.text, /arn:/);
});

test('the dead-letter queue of a FIFO queue is FIFO', () => {
  assert.equal(deadLettersOf('jobs'), 'jobs-dead');
  assert.equal(deadLettersOf('orders.fifo'), 'orders-dead.fifo');
});

const exit = (more: Partial<Exit> = {}): Exit => ({
  taskId: '0123456789abcdef',
  exitCode: 1,
  reason: 'Essential container in task exited',
  lived: 480,
  lastLines: ['Traceback', 'boom \u001b[2J'],
  logFile: '.sluice/tasks/x.log',
  ...more,
});

test('an exit is told with its code and its last lines, escaped; a crash loop once', () => {
  const exits = new Exits();
  const [first, ...lines] = exits.note(exit());
  assert.equal(
    first,
    'task 01234567 ended by itself 500ms after its start, with exit code 1. Its log: .sluice/tasks/x.log',
  );
  assert.equal(lines.length, 2);
  assert.ok(!lines.join('').includes('\u001b'));
  exits.note(exit());
  assert.match(exits.note(exit()).at(-1)!, /a crash loop/);
  assert.deepEqual(exits.note(exit()), []);
  assert.notDeepEqual(exits.note(exit({ lived: 60_000 })), [], 'a worker that lived for long ends the loop');
  assert.equal(exits.count, 5);
  assert.match(exits.note(exit({ lived: undefined, reason: 'no such file' }))[0]!, /did not start: no such file/);
});

const message = (place: QueuedMessage['place'], receivesHere = 0, visibleAt = 0): QueuedMessage => ({
  place,
  receivesHere,
  visibleAt,
});

test('the accounts of a queue add up: sent = deleted + dead-lettered + left', () => {
  const accounts = accountsOfQueue({
    queue: 'q',
    now: 1_000,
    totals: { sent: 10, received: 13, deleted: 6 },
    messages: [message('available', 1), message('delayed'), message('inFlight', 2, 80_500)],
    deadLettered: 1,
  });
  // Received at least once: 6 deleted, 1 dead-lettered, 2 of those left.
  assert.equal(accounts.redelivered, 4);
  assert.equal(lostOf(accounts), 0);
  assert.equal(leftText(accounts.left), 'left 3 (1 visible; 1 delayed; 1 in flight, visible again in 80 s)');
});

test('a message in flight with nobody is told with the time until it is visible again', () => {
  const accounts = accountsOfQueue({
    queue: 'q',
    now: 0,
    totals: { sent: 782, received: 782, deleted: 781 },
    messages: [message('inFlight', 1, 80_000)],
    deadLettered: 0,
  });
  assert.equal(leftText(accounts.left), 'left 1 (in flight, visible again in 80 s)');
  const none = accountsOfQueue({
    queue: 'q',
    now: 0,
    totals: { sent: 2, received: 2, deleted: 1 },
    messages: [],
    deadLettered: 0,
  });
  assert.equal(leftText(none.left), 'left 0');
  assert.equal(lostOf(none), 1);
});

test.run();
