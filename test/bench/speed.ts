/** How fast a backtest is, and whether it grows with the time that it plays. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface Speed {
  days: number;
  decisions: number;
  jobs: number;
  /** By the clock, and of CPU with the collector's threads. */
  seconds: number;
  cpuSeconds: number;
  /** Heap after a collection at the end of the run, in MB. */
  heapMb: number;
}

/** Bundled as the program is when it is installed: the loader of the tests slows functions down. The best of three. */
export async function speed(days: readonly number[]): Promise<Speed[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    const outfile = join(folder, 'speed.mjs');
    await build({
      entryPoints: [fileURLToPath(new URL('speed-run.ts', import.meta.url))],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    return days.map((count) => {
      const runs = [1, 2, 3].map(() => {
        const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', outfile, String(count)]);
        if (status !== 0) throw new Error(`the backtest failed: ${stderr}`);
        return JSON.parse(String(stdout)) as Speed;
      });
      return runs.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
