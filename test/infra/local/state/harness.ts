/** Journals in temporary folders, with the entities that services would hold beside them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '../../../../infra/local/clock.ts';
import { Journal, type JournalOptions } from '../../../../infra/local/state/journal.ts';
import { apply, type Entities, type Operation } from '../../../../infra/local/state/operation.ts';
import type { Content } from '../../../../infra/local/state/read.ts';

export async function inFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  try {
    await fn(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const plain = (entities: Entities): object => Object.fromEntries(entities);

/** A journal with the entities that a service would hold beside it. */
export async function journalIn(folder: string, more: Partial<JournalOptions> = {}, content?: Content) {
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

/** Looks once in each turn of the event loop. */
export async function until(look: () => boolean): Promise<void> {
  for (;;) {
    try {
      if (look()) return;
    } catch {
      // Not yet.
    }
    await new Promise(setImmediate);
  }
}
