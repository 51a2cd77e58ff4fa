/**
 * Builds dist/: the program and the demo worker as bundles that need no other package, the files of the page, and the
 * licenses of everything that is bundled. The npm package and the container image ship this folder.
 *
 * Usage: node infra/image/bundle.js [--if-stale] [--clean]
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { notices, packagesOf } from './notices.js';
import { isFresh } from './stale.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(root, 'dist');

/** Files of other packages that the page loads; see reconciler/http/page.ts. */
const VENDOR = { 'uplot.js': 'uplot/dist/uPlot.esm.js', 'uplot.css': 'uplot/dist/uPlot.min.css' };

/** The parts of CodeMirror that the page's editor uses: one file for the browser, loaded when somebody edits. */
const EDITOR = `
export { EditorState, Compartment } from '@codemirror/state';
export { EditorView, drawSelection, highlightActiveLine, hoverTooltip, keymap, lineNumbers, tooltips } from '@codemirror/view';
export { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
export { autocompletion, closeBrackets, completionKeymap, startCompletion } from '@codemirror/autocomplete';
export { forceLinting, lintGutter, lintKeymap, linter } from '@codemirror/lint';
export { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
export { MergeView, unifiedMergeView } from '@codemirror/merge';
export { yaml } from '@codemirror/lang-yaml';
export { tags } from '@lezer/highlight';
`;

/** Chunks of older builds are kept this long: a process that was started from them may still load one. */
const KEEP_OLD_MS = 24 * 3_600_000;

/** Bundles the sources in memory. */
export const compile = () =>
  build({
    absWorkingDir: root,
    entryPoints: {
      sluice: 'reconciler/cli/program.ts',
      worker: 'examples/worker/main.ts',
      'edit-thread': 'reconciler/backtest/edit-thread.ts',
    },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    platform: 'node',
    // The CommonJS build of jsonc-parser requires its own parts by a name that no bundler can follow.
    mainFields: ['module', 'main'],
    target: 'node20',
    format: 'esm',
    sourcemap: 'linked',
    metafile: true,
    write: false,
    logLevel: 'warning',
    legalComments: 'none',
    // Its CommonJS edition (UMD) requires its parts by names that no bundler sees.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    // Some dependencies are CommonJS and call require, which ES modules do not have.
    banner: {
      js: "import { createRequire as sluiceRequire } from 'node:module'; const require = sluiceRequire(import.meta.url);",
    },
  });

/** Bundles the editor in memory. */
const compileEditor = () =>
  build({
    absWorkingDir: root,
    stdin: { contents: EDITOR, resolveDir: root, sourcefile: 'editor.js' },
    bundle: true,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    minify: true,
    metafile: true,
    write: false,
    logLevel: 'warning',
    legalComments: 'none',
  });

/** Files are written here first, then renamed: another process may start the program, or build it, at this very moment. */
const drafts = join(dist, `.drafts-${process.pid}`);

function writeWhole(path, contents) {
  const draft = join(drafts, basename(path));
  writeFileSync(draft, contents);
  mkdirSync(dirname(path), { recursive: true });
  renameSync(draft, path);
}

function copyPage() {
  const page = join(root, 'reconciler/http/page');
  for (const name of readdirSync(page, { recursive: true }))
    if (statSync(join(page, name)).isFile()) writeWhole(join(dist, 'page', name), readFileSync(join(page, name)));
  for (const [name, from] of Object.entries(VENDOR))
    writeWhole(join(dist, 'page', 'vendor', name), readFileSync(join(root, 'node_modules', from)));
}

/**
 * Removes what this build has not written: at once when `clean`, else once it is old. The drafts of a build that runs
 * beside this one are its own.
 */
function removeOld(written, clean) {
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    const isOld = (clean && !name.startsWith('.drafts-')) || Date.now() - changed > KEEP_OLD_MS;
    if (!written.has(path) && isOld) rmSync(path, { force: true, recursive: true });
  }
}

async function bundle({ clean }) {
  const [{ outputFiles, metafile }, editor] = await Promise.all([compile(), compileEditor()]);
  mkdirSync(drafts, { recursive: true });
  copyPage();
  writeWhole(join(dist, 'page', 'vendor', 'codemirror.js'), editor.outputFiles[0].contents);
  const licenses = join(dist, 'THIRD-PARTY-LICENSES.txt');
  const inputs = [
    ...Object.keys(metafile.inputs),
    ...Object.keys(editor.metafile.inputs),
    'node_modules/uplot/package.json',
  ];
  writeWhole(licenses, notices(packagesOf(root, inputs)));
  // Entries last: once sluice.js is there, every chunk that it loads is there too.
  const isEntry = ({ path }) => path.endsWith('sluice.js');
  for (const { path, contents } of outputFiles.sort((a, b) => isEntry(a) - isEntry(b))) writeWhole(path, contents);
  rmSync(drafts, { recursive: true });
  removeOld(new Set([join(dist, 'page'), licenses, ...outputFiles.map((file) => file.path)]), clean);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !(process.argv.includes('--if-stale') && isFresh(root)))
  await bundle({ clean: process.argv.includes('--clean') });
