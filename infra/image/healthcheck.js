/** The container's health check, for images without curl and shell. Exits 0 when /healthz answers 200. */
const port = process.env.SLUICE_PORT || '8080';
try {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) console.error(`/healthz: ${response.status} ${await response.text()}`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(`/healthz on port ${port}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
