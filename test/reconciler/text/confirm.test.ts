/** The question before an act that takes something away. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import { mustConfirm } from '../../../reconciler/text/confirm.ts';
import { UserError } from '../../../reconciler/text/user-error.ts';

/** Streams of a terminal (or of a pipe) whose reader answers. */
function reader(answer: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  input.end(`${answer}\n`);
  return { input, output };
}

test('yes goes on; the question names the act', async () => {
  for (const answer of ['y', 'YES', ' yes ']) {
    const asked = reader(answer);
    await mustConfirm('stops 2 tasks', {}, asked);
    assert.match(String(asked.output.read()), /^.*stops 2 tasks\ncontinue\? \[y\/N\] /);
  }
});

for (const answer of ['', 'n', 'no', 'yeah', 'sure'])
  test(`${JSON.stringify(answer)} does nothing`, async () => {
    const refused = await mustConfirm('stops 2 tasks', {}, reader(answer)).catch((error: unknown) => error);
    assert.ok(refused instanceof UserError);
    assert.match(`${refused.message} ${refused.hint}`, /nothing was done .*--yes/);
  });

test('a script and --yes are not asked', async () => {
  await mustConfirm('stops 2 tasks', {}, reader('n', false));
  await mustConfirm('stops 2 tasks', { yes: true }, reader('n'));
});

test.run();
