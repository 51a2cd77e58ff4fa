/** A defect of experiments is logged when it begins and when it changes, and not in each tick that it lasts. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { createLogger, DecisionLog } from '../../../reconciler/report/log.ts';
import { tickOf } from '../../support/tick.ts';

const STEP = { actions: [], started: [], running: [], ended: [], answers: [], skipped: [] };

test('a defect that lasts is told once, and again when it returns or is another', () => {
  const lines: string[] = [];
  const log = new DecisionLog(createLogger('info', { write: (line: string) => void lines.push(line) }));
  for (const failed of ['a', 'a', undefined, 'a', 'b', 'b']) {
    const tick = tickOf();
    const chaos = failed === undefined ? STEP : { ...STEP, failed };
    log.report({ event: { ...tick, decision: { ...tick.decision, chaos } }, view: { name: 'jobs', generation: 1 } });
  }
  const told = lines
    .map((line) => JSON.parse(line) as { msg: string; problem?: string })
    .filter(({ msg }) => msg === 'experiments failed');
  assert.deepEqual(
    told.map(({ problem }) => problem),
    ['a', 'a', 'b'],
  );
});

test.run();
