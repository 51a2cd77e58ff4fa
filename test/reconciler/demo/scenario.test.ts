/** Scenarios: those that come along are valid, and a file that is not says where. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { NAMES } from '../../../reconciler/demo/provision.ts';
import { loadScenario, parseScenario, policyText, scenarioNames } from '../../../reconciler/demo/scenario.ts';
import { UserError } from '../../../reconciler/text/user-error.ts';

for (const name of scenarioNames())
  test(`${name}: a scenario with a valid policy`, async () => {
    const parsed = parsePolicy(policyText(await loadScenario(name), NAMES));
    assert.deepEqual(parsed.ok ? [] : parsed.problems, []);
  });

/** [what, text, the first problem] */
const bad: [string, string, RegExp][] = [
  ['empty', '', /^f\.yaml:1:1 the document: /],
  ['a list', '- a\n', /^f\.yaml:1:1 the document: /],
  ['no YAML', 'a: [1\nb: 2\n', /^f\.yaml:\d:\d: /],
  [
    'a wrong value',
    'description: x\njobs: 1s\nload:\n  phases:\n    - { for: -1, rate: 1 }\npolicy: {}\n',
    /^f\.yaml:5:14 load\.phases\.0\.for: /,
  ],
  [
    'an unknown field',
    'description: x\njobs: 1s\nlode: 1\nload: { phases: [{ for: 1, rate: 1 }] }\npolicy: {}\n',
    /lode/,
  ],
  ['an alias of nothing', 'description: *x\n', /^f\.yaml:1:\d+: /],
  [
    'too many aliases',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((k, i) => `${k}: &${k} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
      .join('\n')}\n`,
    /^f\.yaml:/,
  ],
];
for (const [what, text, problem] of bad)
  test(`${what} is refused with its place`, () => {
    assert.throws(
      () => parseScenario(text, 'f.yaml'),
      (error: unknown) => error instanceof UserError && problem.test(error.details[0] ?? ''),
    );
  });

test('an unknown name suggests the nearest', async () => {
  await assert.rejects(
    loadScenario('brust'),
    (error: unknown) => error instanceof UserError && /burst/.test(error.hint ?? ''),
  );
});

test.run();
