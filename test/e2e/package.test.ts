/** The package as a user gets it: packed, installed without a network, and run from where it was installed. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import { cleanEnvironment, run } from '../support/up.ts';

const test = suite('package');
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sluice-package-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes of an installed package, source maps and all. */
const MOST_BYTES = 15 * 1024 * 1024;

const npm = async (cwd: string, ...args: string[]): Promise<string> => {
  const { status, stdout, stderr } = await run('npm', args, { cwd, env: cleanEnvironment() });
  assert.equal(status, 0, `npm ${args.join(' ')}: ${stderr}`);
  return stdout;
};

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(path, name)).isFile());
}

let tarball = '';
let built = false;

/** Packs once, and installs into a new folder; `neighbors` are packages that are installed there already. */
async function install(name: string, neighbors: string[] = []): Promise<string> {
  if (!built) {
    const [packed] = JSON.parse(await npm(root, 'pack', '--json', '--silent', '--pack-destination', folder)) as [
      { filename: string },
    ];
    tarball = join(folder, packed.filename);
    built = true;
  }
  const cwd = join(folder, name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'package.json'), '{"name":"elsewhere","private":true}');
  for (const neighbor of neighbors) {
    const source = join(cwd, 'neighbors', neighbor);
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'package.json'), JSON.stringify({ name: neighbor, version: '1.0.0' }));
    await npm(cwd, 'install', '--offline', '--no-audit', '--no-fund', '--install-links', source);
  }
  await npm(cwd, 'install', '--offline', '--no-audit', '--no-fund', tarball);
  return cwd;
}

const sluice = (cwd: string, ...args: string[]) =>
  run(join(cwd, 'node_modules', '.bin', 'sluice'), args, { cwd, env: cleanEnvironment() });

test('it holds what it needs and nothing else, below 15 MB, with the licenses of others', async () => {
  const cwd = await install('contents');
  const home = join(cwd, 'node_modules', 'sluice');
  const files = filesBelow(home);
  assert.deepEqual(
    files.filter((name) => /\.ts$|\.map$|^infra\/|\.test\./.test(name)),
    [],
    'no sources',
  );
  for (const name of [
    'dist/worker.js',
    'dist/page/index.html',
    'dist/page/vendor/uplot.js',
    'dist/THIRD-PARTY-LICENSES.txt',
    'examples/scenarios/tour.yaml',
    'policies/starter/target-wait.yaml',
  ])
    assert.ok(files.includes(name), name);
  assert.deepEqual(
    readdirSync(join(cwd, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['sluice'],
  );
  const bytes = files.reduce((sum, name) => sum + statSync(join(home, name)).size, 0);
  assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
});

test('from an empty folder: help, a backtest, and a whole run; the installation stays as it was', async () => {
  const cwd = await install('empty');
  const home = join(cwd, 'node_modules', 'sluice');
  const before = filesBelow(home);
  for (const name of before) chmodSync(join(home, name), 0o555);
  assert.match((await sluice(cwd, '--help')).stdout, /^Usage: sluice /);
  const backtest = await sluice(cwd, 'backtest', '--generate', 'steady:1/s', '--duration', '10m', '--json');
  assert.equal(backtest.status, 0, backtest.stderr);
  const starter = join(home, 'policies', 'starter', 'threshold.yaml');
  assert.equal((await sluice(cwd, 'policy', 'validate', starter)).status, 0);
  const up = await sluice(cwd, 'up', '--duration', '12s', '--port', '0', '--endpoint-port', '0', '--json');
  assert.equal(up.status, 0, up.stderr);
  const summary = JSON.parse(up.stdout.trim().split('\n').at(-1) ?? '') as { sent: number; processed: number };
  assert.ok(summary.sent > 5 && summary.processed === summary.sent, up.stdout);
  assert.deepEqual(filesBelow(home), before);
  assert.ok(existsSync(join(cwd, '.sluice', 'sluice.log')));
});

test('beside other packages, hoisted ones and a scope', async () => {
  const cwd = await install('beside', ['@aws-sdk/client-sqs', 'express', '@scope/other']);
  // Bundled packages are used, not those beside it: these are empty.
  const once = await sluice(
    cwd,
    'up',
    '--duration',
    '4s',
    '--port',
    '0',
    '--endpoint-port',
    '0',
    '--scenario',
    'steady',
    '--json',
  );
  assert.equal(once.status, 0, once.stderr);
});

test.run();
