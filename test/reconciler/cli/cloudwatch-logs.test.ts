import assert from 'node:assert/strict';
import { test } from 'uvu';
import { type CloudWatchOptions, cloudWatchLines } from '../../../reconciler/cli/cloudwatch-logs.ts';

const event = (eventId: string, message: string, timestamp = 1) => ({ eventId, message, timestamp });

function client(pages: (object | Error)[]) {
  const asked: object[] = [];
  const send = async ({ input }: { input: object }) => {
    asked.push(input);
    const page = pages.shift();
    if (page instanceof Error) throw page;
    return page ?? {};
  };
  return { asked, client: { send } as unknown as NonNullable<CloudWatchOptions['client']> };
}

test('page by page, from the last hour unless told otherwise', async () => {
  const { asked, client: c } = client([{ events: [event('1', 'a\n')], nextToken: 't' }, { events: [event('2', 'b')] }]);
  const lines: string[] = [];
  for await (const line of cloudWatchLines('/ecs/sluice', {
    from: Number.NEGATIVE_INFINITY,
    client: c,
    now: () => 7_200_000,
  }))
    lines.push(line);
  assert.deepEqual(lines, ['a', 'b']);
  assert.deepEqual(asked, [
    { logGroupName: '/ecs/sluice', startTime: 3_600_000 },
    { logGroupName: '/ecs/sluice', startTime: 3_600_000, nextToken: 't' },
  ]);
});

test('following: what comes late is given, and nothing twice', async () => {
  const { client: c } = client([
    { events: [event('1', 'a', 100), event('3', 'c', 300)] },
    { events: [event('1', 'a', 100), event('2', 'b', 200), event('3', 'c', 300)] },
  ]);
  const lines: string[] = [];
  for await (const line of cloudWatchLines('g', { from: 0, follow: true, client: c, poll: 0, now: () => 400 })) {
    lines.push(line);
    if (lines.length === 3) break;
  }
  assert.deepEqual(lines, ['a', 'c', 'b']);
});

test('what AWS refuses is told with the group and what to do', async () => {
  const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
  const { client: c } = client([denied]);
  const read = async () => {
    for await (const _ of cloudWatchLines('g', { from: 0, client: c }));
  };
  await assert.rejects(read, /^UserError: g: .*|g: /);
});

test.run();
