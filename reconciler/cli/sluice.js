#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets an explanation and not a syntax error.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `sluice needs Node 20.19 or newer; this is ${process.version}. Install a newer one, e.g. from https://nodejs.org`,
  );
  process.exit(1);
}

// Node 20 is pinned for on purpose; the SDK would say at every start that its releases of 2027 will not run on it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const { bundle, isFresh } = await import('./bundle.js');
if (!isFresh()) {
  try {
    await bundle();
  } catch (error) {
    const missing = error.code === 'ERR_MODULE_NOT_FOUND';
    console.error(
      missing ? 'sluice is not installed: run npm ci first' : `sluice could not be built: ${error.message}`,
    );
    process.exit(1);
  }
}
const { main } = await import('../../dist/sluice.js');
process.exitCode = await main(process.argv.slice(2));
