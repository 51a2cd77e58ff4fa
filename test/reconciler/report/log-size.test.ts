/** A day of one quiet policy is under 5 MB of log, and every action of a busy one is in it. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'uvu';
import { Board } from '../../../reconciler/report/board.ts';
import { createLogger, DecisionLog } from '../../../reconciler/report/log.ts';
import { chaosPolicy, experiment, Lab } from '../../support/chaos-run.ts';

function logOf(it: Lab): string {
  const parts: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      parts.push(String(chunk));
      done();
    },
  });
  const log = new DecisionLog(createLogger('info', sink));
  const board = new Board();
  for (const event of it.events) log.report({ event, view: board.apply(event) });
  return parts.join('');
}

test('a quiet day, with an experiment in the past that the memory still holds', () => {
  const it = new Lab();
  it.start(chaosPolicy(experiment({ type: 'drain', hold: '5s' })));
  it.pass(15);
  it.ask({ id: 'r1', experiment: 'x' });
  it.pass(86_400);
  assert.equal(it.ended.length, 1);
  const text = logOf(it);
  const megabytes = text.length / 1e6;
  assert.ok(megabytes < 5, `${megabytes.toFixed(2)} MB`);
  const decisions = text.split('\n').filter((l) => l.includes('"msg":"decision"')).length;
  assert.ok(decisions >= 1_440, `one decision a minute at least; ${decisions}`);
});

test('every action is in it', () => {
  const it = new Lab();
  it.start(chaosPolicy({ enabled: false }));
  for (let i = 0; i < 200; i++) {
    it.aws.visible = (i * 53) % 170;
    it.pass(10);
  }
  const acted = it.ticks.filter((t) => t.actions.length > 0);
  assert.ok(acted.length > 20, `${acted.length} ticks acted`);
  const logged = logOf(it)
    .split('\n')
    .filter((line) => line.includes('"msg":"decision"'))
    .map((line) => JSON.parse(line) as { actions: string[]; record: string })
    .filter(({ actions }) => actions.length > 0)
    .map(({ record }) => JSON.parse(record) as { decision: { at: number } });
  assert.deepEqual(
    logged.map((r) => r.decision.at),
    acted.map((t) => t.decision.at),
  );
});

test.run();
