/** Keeps what each peer did in a cell of the matrix: it changes only with the plant and the peers, not with the rule. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One peer at one setting on one trace. */
export interface PeerOutcome {
  peer: string;
  settings: string;
  /** Share of the messages within the target, 0 to 1. */
  within: number;
  hours: number;
  /** Changes of the count whose direction differs from the one before. */
  reversals: number;
}

/** Rises when an outcome gets another shape. */
const SHAPE = 2;

const CODE = fileURLToPath(new URL('../../reconciler/backtest/', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/sluice-matrix/', import.meta.url));
/** Files that only show results. */
const SHOWS = [
  'html.ts',
  'report.ts',
  'progress.ts',
  'least.ts',
  'taut-string.ts',
  'series.ts',
  'html-script.ts',
  'terms.ts',
];

const version = createHash('sha256')
  .update(
    readdirSync(CODE, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !SHOWS.includes(file))
      .sort()
      .map((file) => `${file}\n${readFileSync(join(CODE, file), 'utf8')}`)
      .join('\n'),
  )
  .digest('hex');

/** Returns the outcomes kept under a key, or makes and keeps them. */
export function kept(key: string, make: () => PeerOutcome[]): PeerOutcome[] {
  const file = join(
    FOLDER,
    `${createHash('sha256').update(`${version}\n${SHAPE}\n${key}`).digest('hex').slice(0, 32)}.json`,
  );
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PeerOutcome[];
  } catch {
    const made = make();
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(file, JSON.stringify(made));
    return made;
  }
}
