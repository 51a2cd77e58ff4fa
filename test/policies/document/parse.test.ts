/** Documents in, policies or placed problems out. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parse } from 'yaml';
import { formatProblem, parsePolicy } from '../../../policies/document/parse.ts';
import { policyJsonSchema } from '../../../policies/document/schema.ts';
import { formatDuration, parseDuration } from '../../../policies/grammar/duration.ts';
import { EXAMPLE } from '../../support/documents.ts';

const NAME = 'taskiq-workers';

test('the example of the design is valid, in YAML and in JSON', () => {
  const yaml = parsePolicy(EXAMPLE, { name: NAME, generation: 4 });
  assert.ok(yaml.ok, 'valid as YAML');
  assert.equal(yaml.policy.spec.interval, 10_000);
  assert.equal(yaml.policy.metadata.generation, 4);
  const json = parsePolicy(JSON.stringify(parse(EXAMPLE), null, 2), { name: NAME, generation: 4 });
  assert.deepEqual(json, yaml);
});

test('what is left out gets the documented default', () => {
  const minimal =
    'apiVersion: sluice/v1\nkind: WorkerPolicy\nmetadata: { name: a }\nspec: { queue: { name: q }, service: { name: s }, scaling: { minWorkers: 0, maxWorkers: 3 } }';
  const parsed = parsePolicy(minimal);
  assert.ok(parsed.ok, 'valid');
  const { spec } = parsed.policy;
  assert.equal(spec.mode, 'enforce');
  assert.equal(spec.interval, 10_000);
  assert.equal(spec.service.cluster, 'default');
  assert.deepEqual(spec.scaling.scaleUp, { cooldown: 60_000 });
  assert.deepEqual(spec.scaling.scaleDown, { cooldown: 60_000, stabilizationWindow: 0, keepInFlight: true });
  const { enabled, maxConcurrent, minHealthyWorkers, cooldown, onShutdown, experiments } = spec.chaos;
  assert.deepEqual(
    { enabled, maxConcurrent, minHealthyWorkers, cooldown, onShutdown, experiments },
    {
      enabled: false,
      maxConcurrent: 1,
      minHealthyWorkers: 1,
      cooldown: 300_000,
      onShutdown: 'revert',
      experiments: [],
    },
  );
});

/** [what to replace, with what, the first problem as it is printed] */
const refused: [string | RegExp, string, RegExp][] = [
  ['maxWorkers: 20', 'maxWorker: 20', /^f:12:5 spec\.scaling\.maxWorker: unknown field \(did you mean maxWorkers\?\)$/],
  ['  chaos:\n', '  chaoss: 1\n  chaos:\n', /^f:21:3 spec\.chaoss: unknown field \(did you mean chaos\?\)$/],
  [
    'maxWorkers: 20',
    'maxWorkers: "20"',
    /^f:12:17 spec\.scaling\.maxWorkers: must be a number, not a string \(without quotes/,
  ],
  ['minWorkers: 2', 'minWorkers: -1', /^f:11:17 spec\.scaling\.minWorkers: must be at least 0/],
  ['minWorkers: 2', 'minWorkers: 1.5', /^f:11:17 spec\.scaling\.minWorkers: must be a whole number/],
  [
    'minWorkers: 2',
    'minWorkers:',
    /^f:11:16 spec\.scaling\.minWorkers: must be a number, not nothing \(nothing stands after the colon\)/,
  ],
  ['minWorkers: 2', 'minWorkers: 21', /^f:11:17 spec\.scaling\.minWorkers: 21 is above maxWorkers \(20\)/],
  [
    'type: threshold',
    'type: treshold',
    /^f:14:15 spec\.scaling\.strategies\[0\]\.type: .*\(did you mean threshold\?\)/,
  ],
  [
    'type: threshold',
    'type: magic',
    /unknown type "magic"; known types are threshold, backlogPerWorker, step, schedule, targetWait$/,
  ],
  ['step: 1', 'steps: 1', /^f:17:9 spec\.scaling\.strategies\[0\]\.steps: unknown field \(did you mean step\?\)/],
  [
    'scaleDownThreshold: 2',
    'scaleDownThreshold: 2.6',
    /^f:16:29 .*2\.6 is above half of scaleUpThreshold \(2\.5\).*\(lower scaleDownThreshold to 2\.5/,
  ],
  ['interval: 10s', 'interval: 10', /^f:9:13 spec\.interval: must be a duration/],
  ['interval: 10s', 'interval: 500ms', /^f:9:13 spec\.interval: must be from 1s to 5m/],
  ['interval: 10s', 'interval: 6m', /^f:9:13 spec\.interval: must be from 1s to 5m/],
  [
    'mode: enforce ',
    'mode: enforced ',
    /^f:6:9 spec\.mode: must be "enforce" or "observe" or "paused" \(did you mean enforce\?\)/,
  ],
  [
    'name: taskiq-workers  ',
    'name: other  ',
    /^f:4:9 metadata\.name: is "other", but the parameter is named "taskiq-workers" \(write name: taskiq-workers\)/,
  ],
  ['{ name: taskiq-tasks }', '{ }', /^f:7:10 spec\.queue: names no queue \(give exactly one of name, url, arn\)/],
  [
    '{ name: taskiq-tasks }',
    '{ name: a, arn: "arn:aws:sqs:eu-west-1:123456789012:a" }',
    /spec\.queue: has name and arn/,
  ],
  ['{ name: taskiq-tasks }', '{ arn: "arn:aws:sns:eu-west-1:123456789012:a" }', /spec\.queue\.arn: must be an ARN/],
  [
    'schedules: []',
    'schedules: [{ cron: "61 * * * *", duration: 1h, minWorkers: 3 }]',
    /^f:20:25 spec\.scaling\.schedules\[0\]\.cron: Invalid value for minute: 61 \(five fields/,
  ],
  [
    'schedules: []',
    'schedules: [{ cron: "0 8 * * *", duration: 1h, timezone: Mars/X, minWorkers: 3 }]',
    /unknown time zone "Mars\/X"/,
  ],
  ['schedules: []', 'schedules: [{ cron: "0 8 * * *", duration: 1h }]', /changes nothing \(give minWorkers/],
  [
    'schedules: []',
    'schedules: [{ cron: "0 8 * * *", duration: 1h, minWorkers: 40 }]',
    /40 is above the policy's maxWorkers \(20\)/,
  ],
  ['alerts: []', 'alerts: [{ name: a, metric: visible }]', /can never fire/],
  [
    'alerts: []',
    'alerts: [{ name: a, metric: visible, above: 1 }, { name: a, metric: visible, above: 2 }]',
    /a second alert named a/,
  ],
  ...(
    [
      [
        'fault: { type: drian }',
        /type: unknown type "drian"; known types are stopTask, drain, partition \(did you mean drain\?\)/,
      ],
      ['fault: { type: drain, holds: 5s }', /fault\.holds: unknown field \(did you mean hold\?\)/],
      [
        'fault: { type: stopTask }',
        /fault: does not say how many tasks to stop \(give exactly one of count, percent\)/,
      ],
      ['fault: { type: stopTask, count: 1, percent: 5 }', /fault: has both count and percent/],
      ['fault: { type: partition }', /fault\.duration: is missing/],
      [
        'fault: { type: partition, duration: 1m, method: securityGroup }',
        /fault\.securityGroups: is missing \(method securityGroup needs it\)/,
      ],
      [
        'fault: { type: partition, duration: 1m, parameter: /f }',
        /fault\.parameter: belongs to method processingFlag, not queuePolicy/,
      ],
      [
        'fault: { type: partition, duration: 1m, method: processingFlag, parameter: /sluice/policies/jobs }',
        /fault\.parameter: is below \/sluice\/policies\/, which is Sluice's own/,
      ],
      [
        'fault: { type: drain }, trigger: { cron: "0 0 30 2 *" }',
        /trigger\.cron: never occurs: no month that it names has such a day/,
      ],
      ['fault: { type: drain, hold: 20m }', /timeout: 15m is not longer than the fault itself \(20m\)/],
      ['fault: { type: drain }, trigger: { every: 1h, cron: "* * * * *" }', /trigger: has cron and every/],
      ['fault: { type: drain }, trigger: {}', /trigger: choose one of cron, every, meanTimeBetween, manual/],
      ['fault: { type: drain }, trigger: { cron: "61 * * * *" }', /trigger\.cron: /],
      [
        'fault: { type: drain }, trigger: { cron: "1 * * * *", timezone: Mars/X }',
        /trigger\.timezone: unknown time zone/,
      ],
      ['fault: { type: drain }, trigger: { every: 1m, jitter: 2m }', /trigger\.jitter: is longer than every \(1m\)/],
      ['fault: { type: drain }, trigger: { manual: true, jitter: 2m }', /trigger\.jitter: belongs to every/],
      ['fault: { type: drain } }, { name: e, fault: { type: drain }', /a second experiment named e/],
    ] as const
  ).map(([text, expected]): [string, string, RegExp] => [
    'experiments: []',
    `experiments: [{ name: e, ${text} }]`,
    expected,
  ]),
  [
    'enabled: false',
    'activeHours: { from: "09:00", to: "09:00", timezone: Nowhere }',
    /activeHours\.timezone: unknown time zone/,
  ],
  ['enabled: false', 'activeHours: { from: 9, to: 17 }', /activeHours\.from: must be a string, not a number/],
  ['kind: WorkerPolicy', 'kind: Policy', /kind: must be "WorkerPolicy"/],
  ['kind: WorkerPolicy', 'kind: WorkerPolicy\nkind: WorkerPolicy', /^f:3:1 not valid YAML: Map keys must be unique/],
  [/^[\s\S]*$/, '', /^f:1:1 is not a WorkerPolicy document/],
  [/^[\s\S]*$/, 'a: &a [*a]', /not valid YAML|unknown field/],
  [/^[\s\S]*$/, 'x'.repeat(8_193), /is 8193 bytes long; an SSM parameter holds at most 8192/],
];

for (const [from, to, expected] of refused)
  test(`refused: ${to.slice(0, 60).trim() || '(empty)'}`, () => {
    const text = EXAMPLE.replace(from, to);
    assert.notEqual(text, EXAMPLE);
    const parsed = parsePolicy(text, { name: NAME });
    assert.ok(!parsed.ok, 'it should be refused');
    const lines = parsed.problems.map((p) => formatProblem('f', p));
    assert.ok(
      lines.some((line) => expected.test(line)),
      lines.join('\n'),
    );
    for (const p of parsed.problems) assert.ok(p.line >= 1 && p.col >= 1, 'it has a place');
  });

test('a misspelt field is told once, and not as a missing one too', () => {
  const parsed = parsePolicy(EXAMPLE.replace('maxWorkers: 20', 'maxWorker: 20'));
  assert.ok(!parsed.ok, 'refused');
  assert.deepEqual(
    parsed.problems.map((p) => p.message),
    ['unknown field'],
  );
});

test('all problems are told at once, in the order of their lines', () => {
  const text = EXAMPLE.replace('minWorkers: 2', 'minWorkers: x')
    .replace('step: 1', 'step: 0')
    .replace('interval: 10s', 'interval: soon');
  const parsed = parsePolicy(text);
  assert.ok(!parsed.ok);
  assert.deepEqual(
    parsed.problems.map((p) => p.line),
    [9, 11, 17],
  );
});

test('the JSON Schema describes what an author writes', () => {
  const schema = policyJsonSchema() as {
    properties: { spec: { properties: Record<string, { type?: string }>; required: string[] } };
    additionalProperties: boolean;
  };
  assert.equal(schema.additionalProperties, false);
  assert.equal(schema.properties.spec.properties.interval?.type, 'string');
  assert.deepEqual(schema.properties.spec.required, ['service', 'scaling'], 'queue or queues');
});

test('durations', () => {
  const pairs: [string, number][] = [
    ['250ms', 250],
    ['10s', 10_000],
    ['1h30m', 5_400_000],
    ['1.5m', 90_000],
    ['2d', 172_800_000],
    ['0s', 0],
  ];
  for (const [text, ms] of pairs) assert.equal(parseDuration(text), ms);
  for (const bad of ['', '10', 's', '-1s', '1h 30m', '1y', '1s!', ' 1s'])
    assert.equal(parseDuration(bad), undefined, bad);
  for (const ms of [0, 1, 250, 999, 1_000, 1_500, 61_000, 3_600_000, 93_784_005])
    assert.equal(parseDuration(formatDuration(ms)), ms);
});

test.run();
