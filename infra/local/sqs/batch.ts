/** Reads batch requests, and gives each entry an outcome of its own. */
import { objects, text } from '../input.ts';
import { AwsError, type Input } from '../service.ts';
import { emptyBatch, idsNotDistinct, invalidBatchEntryId, missingParameter, tooManyEntries } from './errors.ts';

const MAX_ENTRIES = 10;

interface Failure {
  Id: string;
  SenderFault: boolean;
  Code: string;
  Message: string;
}

export interface BatchOutcome {
  Successful: object[];
  Failed: Failure[];
}

/** Returns the entries of a batch. @throws AwsError if AWS would refuse the batch as a whole */
export function readEntries(input: Input): { id: string; entry: Input }[] {
  const entries = objects(input, 'Entries');
  if (!entries || entries.length === 0) throw emptyBatch();
  if (entries.length > MAX_ENTRIES) throw tooManyEntries(entries.length);
  const seen = new Set<string>();
  return entries.map((entry) => {
    const id = text(entry, 'Id');
    if (id === undefined) throw missingParameter('Id');
    if (!/^[\w-]{1,80}$/.test(id)) throw invalidBatchEntryId();
    if (seen.has(id)) throw idsNotDistinct(id);
    seen.add(id);
    return { id, entry };
  });
}

/** Performs each entry by itself. An entry that fails does not affect the others. */
export function eachEntry(entries: { id: string; entry: Input }[], act: (entry: Input) => object): BatchOutcome {
  const outcome: BatchOutcome = { Successful: [], Failed: [] };
  for (const { id, entry } of entries) {
    try {
      outcome.Successful.push({ Id: id, ...act(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const code = error.queryCode ?? error.code;
      outcome.Failed.push({ Id: id, SenderFault: error.fault === 'Sender', Code: code, Message: error.message });
    }
  }
  return outcome;
}
