/** The events of `sluice describe`: gathered from status, versions and log, counted, the last ten. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { eventsOf, fromRecord, fromStatus, fromVersions } from '../../../reconciler/cli/describe/events.ts';
import { parseRecord } from '../../../reconciler/text/log-record.ts';
import { decisionLine, documentText } from '../../support/log-file.ts';

const T = Date.parse('2026-11-25T00:20:00Z');
const at = (seconds: number): string => new Date(T + seconds * 1_000).toISOString();

test('the same words are one event with a count, and the last ten are listed, oldest first', () => {
  const moments = Array.from({ length: 12 }, (_, i) => ({ at: T + i, kind: 'edit' as const, message: `version ${i}` }));
  const trouble = [0, 20, 60].map((s) => ({
    at: T + s * 1_000,
    kind: 'trouble' as const,
    message: 'queue: slow down',
  }));
  const events = eventsOf([...moments, ...trouble]);
  assert.equal(events.length, 10);
  assert.deepEqual(events.at(-1), {
    kind: 'trouble',
    message: 'queue: slow down',
    count: 3,
    first: T,
    last: T + 60_000,
  });
  assert.equal(events[0]?.message, 'version 3');
});

test('the status tells changes and experiments without any log', () => {
  const run = {
    id: 'r1',
    experiment: 'cut-off',
    fault: 'partition',
    phase: 'ended' as const,
    verdict: 'passed' as const,
  };
  const moments = fromStatus({
    observedGeneration: 2,
    conditions: [],
    lastScaleUp: { at: at(5), from: 2, to: 5 },
    lastScaleDown: { at: at(9), from: 5, to: 4, would: true },
    experiments: [{ ...run, startedAt: at(20), timeline: { injected: 1, ended: 15 } }],
    updatedAt: at(60),
  });
  assert.deepEqual(
    eventsOf(moments).map(({ message, last }) => [message, (last - T) / 1_000]),
    [
      ['2 -> 5 workers', 5],
      ['would 5 -> 4 workers', 9],
      ['cut-off started', 20],
      ['cut-off: passed', 35],
    ],
  );
});

test('stored versions tell who edited', () => {
  const entry = { name: 'jobs', version: 3, modified: T, user: 'ana', text: '', type: 'String' as const };
  const moments = fromVersions([entry, { ...entry, description: 'more for the sale' }]);
  assert.deepEqual(moments[0], { at: T, kind: 'edit', message: 'version 3 stored by ana' });
  assert.equal(moments[1]?.message, 'version 3 stored by ana: more for the sale');
});

test('of a log, changes with their reasons and warnings are events; a steady tick is none', () => {
  const text = documentText();
  const tick = (visible: number) => fromRecord(parseRecord(decisionLine(1, text, { at: T, visible, workers: 2 }))!);
  assert.match(tick(90)[0]?.message ?? '', /^2 -> 3 workers: threshold: 90 visible/);
  assert.deepEqual(tick(6), []);
  const warning = { level: 'warn', time: at(1), msg: 'policy refused', policy: 'jobs', problem: 'line 3' };
  assert.equal(fromRecord(parseRecord(JSON.stringify(warning))!)[0]?.message, 'policy refused: line 3');
});

test.run();
