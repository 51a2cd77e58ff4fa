import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that a bundle is made of. The Dockerfile copies the same. */
export const SOURCES = [
  'policies',
  'reconciler',
  'infra/local',
  'infra/aws/blueprint',
  'infra/aws/cloudformation',
  'infra/image',
  'examples/load',
  'examples/worker',
  'package-lock.json',
];

/** Returns the time of the newest change below a path, in milliseconds; 0 where there is nothing. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
}

/** Returns true when dist/ holds a bundle, and no source is newer. */
export function isFresh(root) {
  const built = statSync(join(root, 'dist', 'sluice.js'), { throwIfNoEntry: false });
  return built !== undefined && SOURCES.every((path) => newest(join(root, path)) <= built.mtimeMs);
}
