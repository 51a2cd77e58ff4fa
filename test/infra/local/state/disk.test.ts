import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import { type Disk, disk } from '../../../../infra/local/state/file.ts';
import { CannotWrite } from '../../../../infra/local/state/journal.ts';
import { readJournal } from '../../../../infra/local/state/read.ts';
import { inFolder, journalIn, plain, until } from './harness.ts';

/** Files whose writes fail while `broken` is set, in the middle of a record. */
function frail() {
  const state = { broken: undefined as string | undefined, failures: 0, syncs: 0 };
  const fail = (why: string): never => {
    state.failures++;
    throw new Error(why);
  };
  const open: Disk['open'] = async (path, length) => {
    const file = await disk.open(path, length);
    return {
      append: async (bytes) => {
        const { broken } = state;
        await file.append(broken ? bytes.subarray(0, bytes.length >> 1) : bytes);
        if (broken) fail(broken);
      },
      sync: async () => {
        if (state.broken) fail(state.broken);
        state.syncs++;
        await file.sync();
      },
      close: () => file.close(),
    };
  };
  return { state, frailDisk: { ...disk, open } };
}

test('while the disk refuses, nothing is acknowledged; afterwards all that memory holds is written anew', async () => {
  await inFolder(async (folder) => {
    const { state, frailDisk } = frail();
    const { path, journal, note, live, clock, problems } = await journalIn(folder, { disk: frailDisk });
    note(['put', 'a', 1]);
    await journal.durable();
    state.broken = 'no space left on device';
    note(['put', 'b', 2]);
    await assert.rejects(journal.durable(), CannotWrite);
    assert.throws(() => journal.assertWritable(), /cannot be written: no space left on device/);
    note(['put', 'c', 3]);
    await assert.rejects(journal.durable(), CannotWrite);
    assert.deepEqual(plain(readJournal(path).entities), { a: 1 }, 'a crash now finds what was acknowledged');
    await until(() => {
      clock.advance(2_000);
      return state.failures > 2;
    });
    assert.equal(problems.length, 1, problems.join());
    assert.match(problems[0] ?? '', /Calls are refused; writing is tried again every 2 s/);
    state.broken = undefined;
    await until(() => {
      clock.advance(2_000);
      journal.assertWritable();
      return true;
    });
    note(['remove', 'a']);
    await journal.durable();
    assert.deepEqual(readJournal(path).entities, live);
    assert.deepEqual(plain(live), { b: 2, c: 3 });
    await journal.close();
  });
});

test('a compaction that fails leaves the journal as it is, and calls go on', async () => {
  await inFolder(async (folder) => {
    const open: Disk['open'] = async (path, length) => {
      if (started) throw new Error('no more files');
      return disk.open(path, length);
    };
    let started = false;
    const options = { disk: { ...disk, open }, compactFrom: 300 };
    const { path, journal, note, live, problems } = await journalIn(folder, options);
    started = true;
    for (let i = 0; i < 30; i++) {
      note(['put', `k${i}`, 'x'.repeat(50)]);
      await journal.durable();
    }
    await journal.close();
    assert.deepEqual(readJournal(path).entities, live);
    assert.match(problems[0] ?? '', /could not be compacted; it is still good/);
    assert.ok(problems.length < 6, 'the next attempt waits until the journal has doubled');
  });
});

test('a new journal whose name may not last is not trusted: calls wait for the next one', async () => {
  await inFolder(async (folder) => {
    let broken = false;
    const syncFolder: Disk['syncFolder'] = async (path) => {
      if (broken) throw new Error('input/output error');
      await disk.syncFolder(path);
    };
    const options = { disk: { ...disk, syncFolder }, compactFrom: 300 };
    const { path, journal, note, live, clock } = await journalIn(folder, options);
    broken = true;
    note(['put', 'a', 'x'.repeat(400)]);
    await journal.durable();
    await until(() => {
      assert.throws(() => journal.assertWritable(), CannotWrite);
      return true;
    });
    assert.deepEqual(readJournal(path).entities, live);
    broken = false;
    await until(() => {
      clock.advance(2_000);
      journal.assertWritable();
      return true;
    });
    note(['put', 'b', 1]);
    await journal.close();
    assert.deepEqual(readJournal(path).entities, live);
    assert.deepEqual(readdirSync(folder), ['journal']);
  });
});

test('calls that come while a record is written share the next sync', async () => {
  await inFolder(async (folder) => {
    const { state, frailDisk } = frail();
    const { journal, note } = await journalIn(folder, { disk: frailDisk });
    const before = state.syncs;
    const all: Promise<void>[] = [];
    for (let i = 0; i < 500; i++) {
      note(['put', `k${i}`, i]);
      all.push(journal.durable());
      if (i % 50 === 0) await new Promise(setImmediate);
    }
    await Promise.all(all);
    assert.ok(state.syncs - before <= 11, `${state.syncs - before} syncs`);
    await journal.close();
  });
});

test.run();
