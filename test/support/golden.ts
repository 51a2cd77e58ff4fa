/** Logs that were recorded with the first edition, and damage to their lines. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Returns the lines of the log of a scenario. */
export function goldenLines(scenario: string): string[] {
  const file = new URL(`../fixtures/golden/${scenario}.log.gz`, import.meta.url);
  return gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
}

/** Values that stand where something else should. */
const ODD: unknown[] = [null, '', 'x', '\u001b[2J\n', -1, 1.5, 1e300, true, [], {}, [null], { ok: true }];

/** Replaces, removes or repeats one value somewhere in a record; sometimes cuts the line. */
export function mutateLine(line: string, next: () => number): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!;
  if (next() < 0.1) return line.slice(0, Math.floor(next() * line.length));
  let node: unknown = JSON.parse(line);
  const root = node;
  for (;;) {
    const holder = node as Record<string, unknown>;
    const key = pick(Object.keys(holder));
    const child = holder[key];
    if (typeof child === 'object' && child !== null && Object.keys(child).length > 0 && next() < 0.8) node = child;
    else {
      if (next() < 0.3) delete holder[key];
      else holder[key] = pick(ODD);
      return JSON.stringify(root);
    }
  }
}
