import { createReadStream, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ActionResult } from '../../policies/model/action.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';
import { UserError } from './io.ts';

/** One line of the reconciliation log, as far as commands read it. */
export interface LogRecord {
  level: string;
  time: string;
  msg: string;
  policy?: string;
  version?: number;
  summary?: string;
  problem?: string;
  problems?: string[];
  effect?: string;
  todo?: string;
  alert?: string;
  experiment?: string;
  verdict?: string;
  precondition?: string;
  /** A policy's document, where one came into force. */
  text?: string;
  actions?: string[];
  results?: ActionResult[];
  decision?: Omit<Decision, 'policy' | 'generation' | 'summary'>;
  memory?: Memory;
}

/** Where `sluice up` keeps its reconciler's log. */
export const LOG_FILE = '.sluice/sluice.log';

/** Lines of a log: of a file, or of stdin for '-'. With `follow` it goes on waiting for more. */
export async function* logLines(file: string, follow: boolean): AsyncGenerator<string> {
  if (file !== '-' && !existsSync(file))
    throw new UserError(`there is no log ${file}`, 'sluice up writes one; or pipe one in: ... | sluice logs -');
  if (file === '-') yield* createInterface({ input: process.stdin as Readable, crlfDelay: Number.POSITIVE_INFINITY });
  else if (follow) yield* tail(file);
  else yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

const POLL_MS = 250;

/** What a file holds, then what is added to it. A file that shrinks is read again from its start. */
async function* tail(file: string): AsyncGenerator<string> {
  let position = 0;
  let rest = '';
  for (;;) {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      if (size < position) position = 0;
      if (size > position) {
        const { buffer, bytesRead } = await handle.read(
          Buffer.alloc(Math.min(size - position, 1 << 20)),
          0,
          undefined,
          position,
        );
        position += bytesRead;
        const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
        if (bytesRead > 0) continue;
      }
    } finally {
      await handle.close();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A line as a record; undefined when it is not one of ours. */
export function parseRecord(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(line) as LogRecord;
    return typeof value.msg === 'string' && typeof value.time === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The decision of a `decision` record, whole again. */
export function decisionOf({ decision, policy, version, summary }: LogRecord): Decision | undefined {
  return decision && policy !== undefined
    ? ({ ...decision, policy, generation: version ?? 0, summary: summary ?? '' } as Decision)
    : undefined;
}
