/** Bundles the program and the demo worker into dist/, so that they start fast and use little memory. */
import { copyFileSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SOURCES = ['policies', 'reconciler', 'infra/local', 'examples', 'package.json'];

/** What the page uses of others; see reconciler/http/page.ts. */
const VENDOR = { 'uplot.js': 'uplot/dist/uPlot.esm.js', 'uplot.css': 'uplot/dist/uPlot.min.css' };

/** Newest change among the sources, or 0 where they are not shipped. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** True when dist/ is there and no source is newer than it. */
export function isFresh() {
  const built = statSync(join(root, 'dist', 'sluice.js'), { throwIfNoEntry: false });
  return built !== undefined && SOURCES.every((path) => newest(join(root, path)) <= built.mtimeMs);
}

/** Chunks of older builds are kept this long: a process that was started from them may still load one. */
const KEEP_OLD_MS = 24 * 3_600_000;

export async function bundle() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { sluice: 'reconciler/cli/program.ts', worker: 'examples/worker/main.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'linked',
    write: false,
    logLevel: 'warning',
    // Some dependencies are CommonJS and call require; ES modules have none of their own.
    banner: {
      js: "import { createRequire as sluiceRequire } from 'node:module'; const require = sluiceRequire(import.meta.url);",
    },
  });
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  // The page is plain files, served as they are.
  cpSync(join(root, 'reconciler/http/page'), join(dist, 'page'), { recursive: true });
  mkdirSync(join(dist, 'page', 'vendor'), { recursive: true });
  for (const [name, from] of Object.entries(VENDOR))
    copyFileSync(join(root, 'node_modules', from), join(dist, 'page', 'vendor', name));
  // Renamed into place, entries last: somebody may start the program, or build it too, at this very moment.
  const isEntry = ({ path }) => path.endsWith('sluice.js');
  for (const file of outputFiles.sort((a, b) => isEntry(a) - isEntry(b))) {
    const draft = `${file.path}.${process.pid}.tmp`;
    writeFileSync(draft, file.contents);
    renameSync(draft, file.path);
  }
  const written = new Set([join(dist, 'page'), ...outputFiles.map((file) => file.path)]);
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    if (!written.has(path) && Date.now() - statSync(path).mtimeMs > KEEP_OLD_MS) rmSync(path, { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
