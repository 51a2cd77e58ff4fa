/** Compares the guides with the code: tables, keys, anchors, messages. `UPDATE_DOCS=1` writes the tables anew. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { stackAlarms } from '../../../infra/aws/blueprint/alarms.ts';
import * as costs from '../../../infra/aws/blueprint/costs.ts';
import { permissionTable, refusalTable, wideTable } from '../../../infra/aws/blueprint/permission-table.ts';
import { reconcilerPermissions, reconcilerRefusals } from '../../../infra/aws/blueprint/permissions/reconciler.ts';
import { executionPermissions, workerPermissions } from '../../../infra/aws/blueprint/permissions/tasks.ts';
import { SOURCES } from '../../../infra/aws/blueprint/prices.ts';
import { CONFIG_KEYS } from '../../../infra/aws/config.ts';
import { ESTATE_SCOPE, HOME } from '../../support/role.ts';
import { runStack } from '../../support/stack.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const usd = (n: number): string => `$${n.toFixed(2)}`;

const EXECUTION = executionPermissions(HOME, {
  logGroup: '/sluice/sluice-prod',
  repositoryArn: 'arn:aws:ecr:us-east-1:000000000000:repository/sluice',
  secretParameters: ['/sluice/prod/token'],
});

const GENERATED: Record<string, Record<string, string>> = {
  'docs/costs.md': {
    stack: costs.costTable(costs.stackItems()),
    policy: costs.costTable(costs.policyItems()),
    optional: costs.itemTable(costs.optionalItems()),
    standby: costs.costTable(costs.standbyItems()),
    two: usd(costs.bill(1, 2)),
    one: usd(costs.bill(1, 1)),
    paces: costs.paceTable([5, 10, 30], 2),
    pacesOfOne: costs.paceTable([5, 10, 30], 1),
    prices: costs.priceTable(SOURCES),
    x86: usd(costs.stackItems('X86_64')[0]!.cost),
  },
  'docs/permissions.md': {
    reconciler: permissionTable(reconcilerPermissions(ESTATE_SCOPE)),
    execution: permissionTable(EXECUTION),
    wide: wideTable([...reconcilerPermissions(ESTATE_SCOPE), ...EXECUTION]),
    refusals: refusalTable(reconcilerRefusals(ESTATE_SCOPE)),
    worker: permissionTable(workerPermissions(HOME, { queue: 'jobs', cluster: 'demo', flag: '/sluice/flags/demo' })),
  },
};

for (const [file, parts] of Object.entries(GENERATED))
  test(`${file}: the tables are those of the code`, () => {
    const text = read(file);
    const wanted = text.replaceAll(
      /(<!-- generated: (\w+) -->)([\s\S]*?)(<!-- end -->)/g,
      (_, start, name, between, end) => {
        const part = parts[name];
        assert.ok(part !== undefined, `${file} asks for ${name}`);
        return between.includes('\n') || part.includes('\n')
          ? `${start}\n\n${part}\n\n${end}`
          : `${start}${part}${end}`;
      },
    );
    if (process.env.UPDATE_DOCS) writeFileSync(join(root, file), wanted);
    assert.equal(text, process.env.UPDATE_DOCS ? text : wanted, 'UPDATE_DOCS=1 writes it anew');
  });

/** Anchors as GitHub makes them of headings. */
const anchors = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

test('each alarm says where in the guide to look, and there is such a place', async () => {
  const places = anchors(read('docs/operations.md'));
  for (const { inputs } of (await runStack('dev', { more: { image: 'registry.example/sluice:1' } })).all(
    'aws:cloudwatch/metricAlarm:MetricAlarm',
  )) {
    const [, place] = /docs\/operations\.md#([\w-]+)$/.exec(String(inputs.alarmDescription)) ?? [];
    assert.ok(place && places.includes(place), `${inputs.alarmDescription} (there is ${places.join(', ')})`);
  }
});

test('log filters match messages that the reconciler writes', async () => {
  const sources = readdirSync(join(root, 'reconciler'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(join('reconciler', name)))
    .join('\n');
  for (const { inputs } of (await runStack('dev', { more: { image: 'registry.example/sluice:1' } })).all(
    'aws:cloudwatch/logMetricFilter:LogMetricFilter',
  ))
    for (const [, message] of String(inputs.pattern).matchAll(/\$\.msg = "([^"]+)"/g))
      assert.ok(sources.includes(`'${message}'`), `nobody writes ${message}`);
});

test('the guide says what to do for each warning and error of the log', () => {
  const rows = [...read('docs/logging.md').matchAll(/^\| (`.+?`) \| ([\w, ]+) \|/gm)];
  const loud = rows
    .filter(([, , level]) => /warn|error/.test(level!))
    .flatMap(([, names]) => [...names!.matchAll(/`([^`]+)`/g)].map((m) => m[1]!));
  // The good news that stand in the same row are at info.
  const good = /again$|recovered$|resolved$|started$|skipped$|answered$/;
  const guide = read('docs/operations.md');
  for (const message of loud.filter((m) => !good.test(m)))
    assert.ok(guide.includes(`\`${message}\``), `docs/operations.md says nothing of ${message}`);
});

test('the dashboard shows metrics that there are, and its widgets do not overlap', async () => {
  const { one } = await runStack('dev', { more: { image: 'registry.example/sluice:1' } });
  const { widgets } = JSON.parse(String(one('aws:cloudwatch/dashboard:Dashboard').inputs.dashboardBody)) as {
    widgets: { x: number; y: number; width: number; height: number; properties: { metrics?: [string, string][] } }[];
  };
  const watched = stackAlarms('Sluice/dev').map((alarm) => alarm.metric);
  const sqs = ['ApproximateAgeOfOldestMessage'];
  for (const [namespace, metric] of widgets.flatMap((w) => w.properties.metrics ?? []))
    assert.ok((namespace === 'AWS/SQS' ? sqs : watched).includes(metric), `${namespace} ${metric}`);
  const cells = widgets.flatMap(({ x, y, width, height }) =>
    Array.from({ length: width * height }, (_, i) => `${x + (i % width)},${y + Math.floor(i / width)}`),
  );
  assert.equal(new Set(cells).size, cells.length, 'no cell is covered twice');
  assert.ok(
    widgets.every((w) => w.x + w.width <= 24),
    'a dashboard is 24 wide',
  );
});

test('every key of a stack is explained', () => {
  const guide = read('docs/deploy.md');
  for (const key of [...CONFIG_KEYS, 'token'])
    assert.ok(guide.includes(`\`${key}\``), `docs/deploy.md says nothing of sluice:${key}`);
});

test('links between the guides lead somewhere', () => {
  for (const file of ['deploy', 'permissions', 'operations', 'costs'].map((n) => `docs/${n}.md`))
    for (const [, target = '', place] of read(file).matchAll(/\]\((?!https?:)([^)#]*)(?:#([\w-]+))?\)/g)) {
      const path = target === '' ? file : join('docs', target);
      const text = (() => {
        try {
          return readFileSync(join(root, path), 'utf8');
        } catch (error) {
          return (error as NodeJS.ErrnoException).code === 'EISDIR' ? '' : assert.fail(`${file}: there is no ${path}`);
        }
      })();
      if (place) assert.ok(anchors(text).includes(place), `${file}: ${path} has no #${place}`);
    }
});

test.run();
