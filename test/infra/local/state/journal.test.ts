import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import type { Operation } from '../../../../infra/local/state/operation.ts';
import { DamagedJournal, readJournal } from '../../../../infra/local/state/read.ts';
import { inFolder, journalIn, plain } from './harness.ts';

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

test.run();
