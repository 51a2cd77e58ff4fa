import assert from 'node:assert/strict';
import { test } from 'uvu';
import { ecsHarness, STARTED_MS } from './harness.ts';

async function runOne(container = {}, more = {}, options = {}) {
  const h = await ecsHarness(options);
  const taskDefinition = await h.define('job', container, more);
  const reply = await h.call('RunTask', { cluster: 'c', taskDefinition });
  const arn = reply.tasks[0].taskArn as string;
  const look = async () => (await h.call('DescribeTasks', { cluster: 'c', tasks: [arn] })).tasks[0];
  return { ...h, arn, look, first: reply.tasks[0] };
}

test('the last lines of a task are kept, and each goes to the hook', async () => {
  const lines: string[] = [];
  const h = await runOne(
    {},
    {},
    { onTaskOutput: (_task: unknown, stream: string, line: string) => lines.push(`${stream} ${line}`) },
  );
  h.clock.advance(STARTED_MS);
  for (let i = 0; i < 60; i++) h.processes[0]?.options.onOutput?.('stdout', `line ${i}`);
  assert.equal(lines.length, 60);
  assert.equal(lines[0], 'stdout line 0');
  const kept = h.ecs.outputOf(h.arn);
  assert.equal(kept.length, 50);
  assert.equal(kept.at(-1)?.line, 'line 59');
});

test('a hook that throws is reported, and harms no task', async () => {
  const h = await ecsHarness({
    onTaskOutput: () => {
      throw new Error('hook');
    },
  });
  h.ecs.onTaskStateChange(() => {
    throw new Error('listener');
  });
  await h.serve(1);
  h.processes[0]?.options.onOutput?.('stdout', 'x');
  assert.equal((await h.service()).runningCount, 1);
  assert.ok(h.problems.some((text) => text.includes('hook')));
});

test.run();
