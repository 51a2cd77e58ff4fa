import * as assert from 'node:assert/strict';
import { test } from 'uvu';
import {
  type Heartbeat,
  heartbeatParameterOf,
  heartbeatText,
  isAlive,
  parseHeartbeat,
} from '../../../reconciler/lead/heartbeat.ts';
import { newcomer, type SoleState, sole } from '../../../reconciler/lead/sole.ts';

const BEAT: Heartbeat = {
  ...{ id: 'prod/3f2a', session: 'a', version: '0.1.0', since: Date.UTC(2026, 0, 1), every: 10_000 },
  ...{ host: 'h', pid: 7 },
};

test('the heartbeat stands beside the prefix, never below it', () => {
  const names = ['/sluice/policies/', '/sluice/prod/policies/', '/sluice/night/', '/policies/', '/'];
  assert.deepEqual(names.map(heartbeatParameterOf), [
    '/sluice/reconciler',
    '/sluice/prod/reconciler',
    '/sluice/night-reconciler',
    '/reconciler',
    '/sluice/reconciler',
  ]);
});

test('a heartbeat is read as it was written, and any other text is none', () => {
  const whole: Heartbeat = { ...BEAT, first: 3, lastTick: Date.UTC(2026, 0, 2), ended: true };
  assert.deepEqual(parseHeartbeat(heartbeatText(whole)), whole);
  assert.deepEqual(parseHeartbeat(heartbeatText(BEAT)), BEAT);
  const damaged = ['', 'null', '[]', '{}', '{"id":1}', heartbeatText(BEAT).replace('10000', '-1'), '{"id":"x"'];
  for (const text of damaged) assert.equal(parseHeartbeat(text), undefined, text);
});

test('three missed heartbeats, or its own last word, and a reconciler counts as not running', () => {
  assert.deepEqual(
    [isAlive(BEAT, 0), isAlive(BEAT, 30_000), isAlive(BEAT, 36_000), isAlive({ ...BEAT, ended: true }, 0)],
    [true, true, false, false],
  );
});

/** A parameter that several processes read and write. */
class Shared {
  version = 0;
  beat: Heartbeat | undefined;
  now = 0;
  readonly states = new Map<string, SoleState>();

  look(session: string): boolean {
    const found = this.version > 0 ? { version: this.version, beat: this.beat } : undefined;
    let state = this.states.get(session) ?? newcomer(session);
    state = sole(state, { kind: 'read', found, gone: false, at: this.now });
    if (state.acting) {
      this.version++;
      this.beat = { ...BEAT, session, id: session, first: state.first };
      state = sole(state, { kind: 'written', version: this.version, at: this.now });
    }
    this.states.set(session, state);
    return state.acting;
  }
}

test('without a table the younger process stands down, and takes over when the older one is silent', () => {
  const shared = new Shared();
  assert.equal(shared.look('old'), true);
  assert.equal(shared.look('young'), false, 'a live heartbeat keeps a newcomer from acting');
  for (shared.now = 10_000; shared.now <= 100_000; shared.now += 10_000)
    assert.deepEqual([shared.look('old'), shared.look('young')], [true, false]);
  shared.now += 4_000;
  assert.equal(shared.look('young'), false, 'silent for 14 s only');
  shared.now += 2_000;
  assert.equal(shared.look('young'), true, 'silent for 1.5 intervals');
});

test('two that began at the same moment: the one that wrote first goes on', () => {
  const shared = new Shared();
  const begun = sole(newcomer('b'), { kind: 'read', found: undefined, gone: false, at: 0 });
  assert.equal(shared.look('a'), true);
  shared.version++;
  shared.beat = { ...BEAT, session: 'b', id: 'b' };
  shared.states.set('b', sole(begun, { kind: 'written', version: shared.version, at: 0 }));
  assert.equal(shared.look('a'), true);
  assert.equal(shared.look('b'), false);
});

test('an ended heartbeat, one of a process that is gone, and a text that is none keep nobody waiting', () => {
  const read = (beat: Heartbeat | undefined, gone = false) =>
    sole(newcomer('me'), { kind: 'read', found: { version: 1, beat }, gone, at: 0 }).acting;
  assert.deepEqual(
    [read(BEAT), read({ ...BEAT, ended: true }), read(BEAT, true), read(undefined)],
    [false, true, true, true],
  );
});

test.run();
