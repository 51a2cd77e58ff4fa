/** The Grafana board and the alert rules: they use metrics that exist, and promtool accepts them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { Metrics } from '../../reconciler/report/metrics.ts';
import { missing, run } from '../support/tools.ts';

const folder = fileURLToPath(new URL('../../examples/grafana/', import.meta.url));
const read = (name: string): string => readFileSync(folder + name, 'utf8');

const metrics = new Metrics();
metrics.showLeader(() => true);
const kinds = await metrics.registry.getMetricsAsJSON();
/** Names as a scrape has them: a histogram has three. */
const known = new Set(kinds.flatMap(({ name }) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]));

interface Panel {
  id: number;
  title: string;
  description: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}
const board = JSON.parse(read('sluice.json')) as { uid: string; panels: Panel[] };

for (const name of ['sluice.json', 'alerts.yaml'])
  test(`${name} uses metrics that exist`, () => {
    const used = new Set(read(name).match(/\bsluice_\w+/g));
    assert.ok(used.size > 5, `${used.size} metrics`);
    for (const metric of used) assert.ok(known.has(metric), metric);
  });

test('every panel says what it shows, and none lies over another', () => {
  const cells = new Map<string, string>();
  for (const { title, description, targets, gridPos } of board.panels) {
    assert.ok(description.endsWith('.'), `${title} has a description`);
    assert.ok(targets.length > 0, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(!cells.has(`${x},${y}`), `${title} lies over ${cells.get(`${x},${y}`)}`);
        cells.set(`${x},${y}`, title);
        assert.ok(x < 24, `${title} is inside`);
      }
  }
});

test('promtool accepts the rules, and they fire when they should', async () => {
  const checked = await run('promtool', ['check', 'config', `${folder}prometheus.yaml`]);
  if (checked.code === 127) return missing('promtool', 'the alert rules are not checked');
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  const tested = await run('promtool', ['test', 'rules', `${folder}check-alerts.yaml`]);
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
});

test.run();
