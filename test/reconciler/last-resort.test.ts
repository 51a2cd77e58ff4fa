/** Errors that reached nobody: logged with words; only an exception ends the process. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { lastResort } from '../../reconciler/last-resort.ts';
import { createLogger } from '../../reconciler/report/log.ts';

test('a rejection that nobody waits for is logged, and the process goes on; an exception ends it with status 1', () => {
  const lines: { msg: string; effect: string; err: { message: string } }[] = [];
  const ends: number[] = [];
  const before = {
    rejection: process.listeners('unhandledRejection'),
    exception: process.listeners('uncaughtException'),
  };
  lastResort(createLogger('info', { write: (line: string) => lines.push(JSON.parse(line)) }), (status) =>
    ends.push(status),
  );
  const added = <T>(now: T[], then: T[]): T => now.filter((l) => !then.includes(l))[0]!;
  const onRejection = added(process.listeners('unhandledRejection'), before.rejection);
  const onException = added(process.listeners('uncaughtException'), before.exception);
  try {
    onRejection(new Error('a'), Promise.resolve());
    assert.deepEqual(ends, []);
    onException(new Error('b'), 'uncaughtException');
    assert.deepEqual(ends, [1]);
    assert.deepEqual(
      lines.map((l) => [l.msg, l.err.message]),
      [
        ['promise not handled', 'a'],
        ['exception not caught', 'b'],
      ],
    );
    assert.match(lines[0]!.effect, /scaling goes on/);
    assert.match(lines[1]!.effect, /ends with status 1/);
  } finally {
    process.removeListener('unhandledRejection', onRejection);
    process.removeListener('uncaughtException', onException);
  }
});

test.run();
