/**
 * kill -9 of the reconciler at seeded moments around an experiment's writes, also when AWS has carried out a write and
 * Sluice has not yet heard: no intent is lost, nothing is injected twice, everything is as before in the end.
 *
 * A few kills by default; `npm run test:kills -- --all` makes 200, `--seed N` draws other moments.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import { Cell } from '../support/mutations/cell.ts';
import { Injections } from '../support/mutations/injections.ts';
import { Intents } from '../support/mutations/intents.ts';
import { type Lane, Owner, SCENES } from '../support/mutations/lanes.ts';
import { restored } from '../support/mutations/restored.ts';
import { random } from '../support/random.ts';
import { sample } from '../support/sample.ts';
import { until } from '../support/until.ts';

const CELLS = sample.whole ? 5 : 2;
const KILLS = sample.whole ? 40 : 3;
/** The status tells of a revert within a few ticks. */
const TOLD_WITHIN_MS = 10_000;

interface Tally {
  kills: number;
  injections: number;
  /** Runs that a kill interrupted; each is seen to be reverted. */
  interrupted: number;
}

/** Writes of a run: its intents in the status parameter, the fault, and what takes it back. */
const WRITES = /^(PutParameter|SetQueueAttributes|UpdateService|StopTask)$/;

test('kill -9 of the reconciler: no intent is lost, nothing is injected twice', async () => {
  const owner = await Owner.start();
  const experiments = SCENES.filter((scene) => scene !== 'calm');
  const cells = Array.from({ length: CELLS }, (_, c) => {
    const prefix = `/sluice/kill${c}/`;
    return new Cell(
      owner,
      experiments.map((scene): Lane => ({ name: `kill-${c}-${scene.toLowerCase()}`, scene, prefix })),
    );
  });
  const tally: Tally = { kills: 0, injections: 0, interrupted: 0 };
  try {
    await Promise.all(
      cells.map(async (cell, c) => {
        const next = random(sample.seed + c);
        await cell.start();
        for (let kill = 0; kill < KILLS; kill++) await killOnce(owner, cell, next, `${c}-${kill}`, tally);
      }),
    );
    console.log(
      `seed ${sample.seed}: ${tally.kills} kills, ${tally.injections} faults injected, ${tally.interrupted} runs interrupted`,
    );
    const violations = cells.flatMap((cell) => cell.violations);
    assert.deepEqual(
      violations.map(({ scene, problem }) => `${scene}: ${problem}`),
      [],
    );
    assert.equal(tally.kills, CELLS * KILLS);
    assert.ok(tally.injections > tally.kills, 'most kills met experiments');
    assert.ok(tally.interrupted > 0, 'some kills interrupted runs');
  } finally {
    await Promise.all(cells.map((cell) => cell.stop().catch(() => undefined)));
    await owner.close();
  }
});

/** Starts every lane's experiment, kills the process at one write of one of them, and starts it again. */
async function killOnce(owner: Owner, cell: Cell, next: () => number, id: string, tally: Tally): Promise<void> {
  const victim = cell.lanes[Math.floor(next() * cell.lanes.length)]!;
  const nth = 1 + Math.floor(next() * 6);
  // 0 ms: AWS has carried the write out and Sluice has not heard; later: it has.
  const afterMs = next() < 0.5 ? 0 : Math.floor(next() * 400);
  const injections = new Injections();
  const intents = new Intents();
  let writes = 0;
  let due = false;
  cell.onCall = (lane, call) => {
    injections.note(lane, call);
    intents.note(lane, call);
    if (lane !== victim || !WRITES.test(call.operation) || ++writes !== nth) return;
    due = true;
    if (afterMs === 0) cell.signal('SIGKILL');
    else setTimeout(() => cell.signal('SIGKILL'), afterMs);
  };
  for (const lane of cell.lanes) await owner.request(lane, `kill-${id}`);
  // A run has fewer writes than asked for when its precondition does not hold; then the kill comes at the end.
  await until('the moment', () => due, 12_000).catch(() => undefined);
  if (due) await until('the end of the process', () => !cell.alive);
  await cell.kill();
  tally.kills++;
  await cell.launch();
  for (const lane of cell.lanes) {
    await restored(cell, lane);
    const moment = `kill ${id} at write ${nth} of ${victim.scene} + ${afterMs} ms`;
    const times = injections.count(lane);
    tally.injections += times;
    if (times > 1) cell.blame(lane, `${moment}: injected ${times} times`);
    const open = async () => intents.open(lane, await owner.status(lane));
    await until('the reverts', async () => (await open()).length === 0, TOLD_WITHIN_MS).catch(async () =>
      cell.blame(lane, `${moment}: no revert is told of the runs ${(await open()).join(', ')}`),
    );
    tally.interrupted += intents.interrupted(lane, await owner.status(lane));
  }
  // Past the requests' expiry nothing may start any more.
  await sleep(1_000);
}

test.run();
