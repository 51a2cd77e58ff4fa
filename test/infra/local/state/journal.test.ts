import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import { ManualClock } from '../../../../infra/local/clock.ts';
import { type OpenFile, openFile } from '../../../../infra/local/state/file.ts';
import { CannotWrite, Journal, type JournalOptions } from '../../../../infra/local/state/journal.ts';
import { apply, type Entities, type Operation } from '../../../../infra/local/state/operation.ts';
import { type Content, DamagedJournal, readJournal } from '../../../../infra/local/state/read.ts';

async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  try {
    await fn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const plain = (entities: Entities): object => Object.fromEntries(entities);

/** A journal with the entities that a service would hold beside it. */
async function journalIn(folder: string, more: Partial<JournalOptions> = {}, content?: Content) {
  const path = join(folder, 'journal');
  const live: Entities = new Map(content?.entities);
  const problems: string[] = [];
  const clock = new ManualClock();
  const journal = await Journal.open(content, {
    path,
    entities: () => live,
    after: (ms, fn) => clock.after(ms, fn),
    onProblem: (message) => problems.push(message),
    ...more,
  });
  const note = (...operations: Operation[]): void => {
    for (const operation of operations) {
      apply(live, operation);
      journal.note(operation);
    }
  };
  return { path, live, problems, clock, journal, note };
}

test('what was acknowledged is read back; operations of one turn are one record', async () => {
  await inFolder(async (folder) => {
    const { path, journal, note, live } = await journalIn(folder);
    note(['put', 'a/1', { x: 1 }], ['put', 'a/2', 'two'], ['put', 'b/1', [3]]);
    note(['patch', 'a/1', { y: 2 }], ['patch', 'a/9', { y: 2 }], ['remove', 'a/2']);
    await journal.durable();
    note(['clear', 'b/']);
    await journal.durable();
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 4, 'a header, two records, and the end');
    const content = readJournal(path);
    assert.deepEqual(plain(content.entities), { 'a/1': { x: 1, y: 2 } });
    assert.deepEqual(content.entities, live);
    await journal.close();
    const again = await journalIn(folder, {}, content);
    again.note(['put', 'c', 1]);
    await again.journal.close();
    assert.deepEqual(plain(readJournal(path).entities), { 'a/1': { x: 1, y: 2 }, c: 1 });
  });
});

/** The bytes of a journal, and the entities after each of its records, by the end of the record. */
async function sample(folder: string): Promise<{ bytes: Buffer; after: Map<number, object>; path: string }> {
  const { path, journal, note, live } = await journalIn(folder);
  const after = new Map<number, object>([
    [0, {}],
    [readFileSync(path).length, {}],
  ]);
  for (let i = 0; i < 6; i++) {
    note(['put', `k${i}`, { text: `line\n${i} é\u{1f600}` }], ['patch', 'k0', { i }], ['remove', `k${i - 2}`]);
    await journal.durable();
    after.set(readFileSync(path).length, structuredClone(plain(live)));
  }
  await journal.close();
  return { bytes: readFileSync(path), after, path };
}

test('a file that is cut at any byte holds exactly the records that were whole before the cut', async () => {
  await inFolder(async (folder) => {
    const { bytes, after, path } = await sample(folder);
    for (let cut = 0; cut <= bytes.length; cut++) {
      writeFileSync(path, bytes.subarray(0, cut));
      const end = Math.max(...[...after.keys()].filter((at) => at <= cut));
      const content = readJournal(path);
      assert.equal(content.length, end);
      assert.deepEqual(plain(content.entities), after.get(end), `cut at ${cut}`);
    }
  });
});

test('a journal goes on behind a torn record', async () => {
  await inFolder(async (folder) => {
    const { bytes, path } = await sample(folder);
    writeFileSync(path, bytes.subarray(0, bytes.length - 3));
    const content = readJournal(path);
    const { journal, note, live } = await journalIn(folder, {}, content);
    note(['put', 'new', 1]);
    await journal.close();
    assert.deepEqual(readJournal(path).entities, live);
  });
});

test('any other damage is refused: changed bytes, and lines that are lost, doubled or exchanged', async () => {
  await inFolder(async (folder) => {
    const { bytes, path } = await sample(folder);
    const refused = (damaged: Buffer): boolean => {
      writeFileSync(path, damaged);
      try {
        readJournal(path);
        return false;
      } catch (error) {
        return error instanceof DamagedJournal;
      }
    };
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ mask;
        return refused(damaged);
      }),
      { numRuns: 600 },
    );
    // Every change of the last byte, by which a whole record could pass for a torn one.
    for (let mask = 1; mask < 256; mask++)
      assert.ok(refused(Buffer.concat([bytes.subarray(0, -1), Buffer.from([10 ^ mask])])), `mask ${mask}`);
    const lines = bytes.toString().split(/(?<=\n)/);
    for (let i = 1; i < lines.length - 1; i++) {
      assert.ok(refused(Buffer.from(lines.toSpliced(i, 1).join(''))), `lost line ${i}`);
      assert.ok(refused(Buffer.from(lines.toSpliced(i, 0, lines[i] ?? '').join(''))), `doubled line ${i}`);
      assert.ok(refused(Buffer.from(lines.toSpliced(i, 2, lines[i + 1] ?? '', lines[i] ?? '').join(''))));
    }
  });
});

const operation: fc.Arbitrary<Operation> = fc
  .tuple(fc.constantFrom('put', 'patch', 'remove', 'clear'), fc.constantFrom('a/', 'b/'), fc.nat(5), fc.nat(99))
  .map(([kind, folder, id, value]): Operation => {
    if (kind === 'put') return ['put', `${folder}${id}`, { value, big: 'x'.repeat(value * 10) }];
    if (kind === 'patch') return ['patch', `${folder}${id}`, { value }];
    return kind === 'remove' ? ['remove', `${folder}${id}`] : ['clear', folder];
  });

test('a compaction at any time, with changes before, during and after it, loses and brings back nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(operation, { maxLength: 8 }), { maxLength: 30 }), async (turns) => {
      await inFolder(async (folder) => {
        const { path, journal, note, live, problems } = await journalIn(folder, { compactFrom: 500 });
        for (const [i, turn] of turns.entries()) {
          note(...turn);
          if (i % 3 > 0) continue;
          await journal.durable();
          assert.deepEqual(readJournal(path).entities, live);
        }
        await journal.close();
        assert.deepEqual(readJournal(path).entities, live);
        assert.deepEqual(problems, []);
        assert.deepEqual(readdirSync(folder), ['journal']);
      });
    }),
    { numRuns: 60 },
  );
});

test('a compaction shortens the file', async () => {
  await inFolder(async (folder) => {
    const { path, journal, note } = await journalIn(folder, { compactFrom: 10_000 });
    for (let i = 0; i < 200; i++) {
      note(['put', 'same', 'x'.repeat(500)]);
      await journal.durable();
    }
    await journal.close();
    assert.ok(readFileSync(path).length < 20_000);
  });
});

/** Files whose writes fail while `broken` is set, in the middle of a record. */
function frail() {
  const state = { broken: undefined as string | undefined, failures: 0, syncs: 0 };
  const fail = (why: string): never => {
    state.failures++;
    throw new Error(why);
  };
  const opens: OpenFile = async (path, length) => {
    const file = await openFile(path, length);
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
  return { state, opens };
}

test('while the disk refuses, nothing is acknowledged; afterwards all that memory holds is written anew', async () => {
  await inFolder(async (folder) => {
    const { state, opens } = frail();
    const { path, journal, note, live, clock, problems } = await journalIn(folder, { openFile: opens });
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
    const opens: OpenFile = async (path, length) => {
      if (path.endsWith('.next') && length === 0 && started) throw new Error('no more files');
      return openFile(path, length);
    };
    let started = false;
    const options = { openFile: opens, compactFrom: 300 };
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

test('calls that come while a record is written share the next sync', async () => {
  await inFolder(async (folder) => {
    const { state, opens } = frail();
    const { journal, note } = await journalIn(folder, { openFile: opens });
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

/** Looks once in each turn of the event loop. */
async function until(look: () => boolean): Promise<void> {
  for (;;) {
    try {
      if (look()) return;
    } catch {
      // Not yet.
    }
    await new Promise(setImmediate);
  }
}

test.run();
