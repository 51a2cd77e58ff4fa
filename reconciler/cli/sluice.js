#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets an explanation and not a syntax error.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `sluice needs Node 20.19 or newer; this is ${process.version}. Install a newer one, e.g. from https://nodejs.org`,
  );
  process.exit(1);
}

// The package brings dist/. A clone builds it here when a source is newer, in a process that ends before the program
// starts: the bundler's own child would stay in memory as long as `up` runs.
const bundler = fileURLToPath(new URL('../../infra/image/bundle.js', import.meta.url));
if (existsSync(bundler)) {
  const { isFresh } = await import('../../infra/image/stale.js');
  if (!isFresh(fileURLToPath(new URL('../..', import.meta.url)))) {
    const { status, stderr } = spawnSync(process.execPath, [bundler, '--if-stale'], { encoding: 'utf8' });
    if (status !== 0) {
      const missing = /ERR_MODULE_NOT_FOUND/.test(stderr);
      console.error(missing ? 'sluice is not installed: run npm ci first' : `sluice could not be built:\n${stderr}`);
      process.exit(1);
    }
  }
}

// Sluice supports Node 20 on purpose; the SDK would warn at every start that its releases of 2027 do not.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { main } = await import('../../dist/sluice.js');
process.exitCode = await main(process.argv.slice(2));
