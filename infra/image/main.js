/** Starts a command of sluice, or with `worker` the demo worker. The entry point of the image. */

// PID 1 has no default signal actions: a SIGTERM that comes before the program handles it would be lost, and ECS would
// wait for its whole stop timeout. So this file ends the process, until the program listens itself.
for (const signal of ['SIGTERM', 'SIGINT']) {
  const end = () => process.exit(0);
  const handOver = (event, listener) => {
    if (event !== signal || listener === end) return;
    process.off('newListener', handOver);
    // Only once the new listener is there: without any, Node returns the signal to the system.
    queueMicrotask(() => process.off(signal, end));
  };
  process.on(signal, end);
  process.on('newListener', handOver);
}

// Shown by ps, and read by the image's test: from here on a SIGTERM is heard.
process.title = 'sluice';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const args = process.argv.slice(2);
if (args[0] === 'worker') {
  await import('./dist/worker.js');
} else {
  const { main } = await import('./dist/sluice.js');
  process.exitCode = await main(args);
}
