/** A queue policy's text: adding our statement and taking it away leaves every other byte as it was. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'uvu';
import { policySids, withoutStatement, withStatement } from '../../../policies/chaos/policy-text.ts';

const OURS = '{"Sid":"SluiceChaos1","Effect":"Deny","Principal":"*"}';

const texts = [
  '{"Version":"2012-10-17","Statement":[{"Sid":"a"}]}',
  '{\n  "Statement": [\n    { "Sid": "a", "Condition": {"StringLike": {"x": "]},{"}} },\n    { "Effect": "Allow" }\n  ]\n}\n',
  '{"Id":"x","Statement":[{"Sid":"a","Note":"Statement\\": [ \\\\ \\u00e9 \\/ grün"}],"Version":"2012-10-17"}',
];
for (const text of texts)
  test(`there and back: ${text.slice(0, 40)}`, () => {
    const added = withStatement(text, 'SluiceChaos1', OURS);
    assert.deepEqual(JSON.parse(added).Statement.at(-1), JSON.parse(OURS));
    assert.deepEqual(policySids(added).at(-1), 'SluiceChaos1');
    assert.equal(withStatement(added, 'SluiceChaos1', OURS), added);
    assert.equal(withoutStatement(added, 'SluiceChaos1'), text);
  });

test('a queue without a policy gets one, and has none again', () => {
  const added = withStatement('', 'SluiceChaos1', OURS);
  assert.deepEqual(JSON.parse(added), { Version: '2012-10-17', Statement: [JSON.parse(OURS)] });
  assert.equal(withoutStatement(added, 'SluiceChaos1'), '');
});

test('a single statement stays byte for byte within the list that it needs now', () => {
  const single = '{"Statement": {"Sid" : "a"} }';
  const added = withStatement(single, 'SluiceChaos1', OURS);
  assert.equal(added, `{"Statement": [{"Sid" : "a"},${OURS}] }`);
  assert.equal(withoutStatement(added, 'SluiceChaos1'), '{"Statement": [{"Sid" : "a"}] }');
});

test('removed from the front, the middle and the end', () => {
  const [a, b] = ['{"Sid":"a"}', '{ "Sid": "b" }'];
  for (const [list, rest] of [
    [[OURS, a, b], `${a}, ${b}`],
    [[a, OURS, b], `${a}, ${b}`],
    [[a, b, OURS], `${a}, ${b}`],
  ] as const)
    assert.equal(withoutStatement(`{"Statement":[${list.join(', ')}]}`, 'SluiceChaos1'), `{"Statement":[${rest}]}`);
});

test('any policy of any spelling: there and back', () => {
  const key = fc.constantFrom('Sid', 'Effect', 'Principal', 'Action', 'Condition', 'Statement', 'ü"\\');
  const statement = fc.dictionary(key, fc.oneof(fc.string(), fc.jsonValue({ maxDepth: 2 })));
  const policy = fc.record({ Version: fc.string(), Statement: fc.array(statement, { minLength: 1, maxLength: 5 }) });
  fc.assert(
    fc.property(policy, fc.constantFrom(undefined, 1, 4, '\t'), (document, space) => {
      const text = JSON.stringify(document, null, space);
      const added = withStatement(text, 'SluiceChaos1', OURS);
      assert.deepEqual(JSON.parse(added).Statement.slice(0, -1), JSON.parse(text).Statement);
      assert.equal(withoutStatement(added, 'SluiceChaos1'), text);
    }),
    { numRuns: 500 },
  );
});

test('a text that is no policy is an error, and nothing is written over it', () => {
  for (const text of ['x', '[]', '{}', '{"Statement":"x', 'null'])
    assert.throws(() => withStatement(text, 'SluiceChaos1', OURS), /not understood/, text);
});

test.run();
