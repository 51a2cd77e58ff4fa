/** Starts `sluice up` as a user does, in a folder of its own and on free ports, and gives handles to watch and break it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

export const SLUICE = fileURLToPath(new URL('../../reconciler/cli/sluice.js', import.meta.url));

export interface UpRun {
  cwd: string;
  child: ChildProcess;
  /** The settings that an AWS client of this run needs. */
  env: Record<string, string>;
  /** Standard output and error so far. */
  output: () => string;
  /** Runs a command of sluice in the run's folder. */
  sluice: (...args: string[]) => Promise<{ status: number; stdout: string; stderr: string }>;
  /** The last line of stdout as JSON, once it has ended. */
  ended: Promise<{ status: number | null; signal: string | null; summary: Record<string, unknown> | undefined }>;
  /** Ends it, if it still runs, and removes its folder. */
  cleanUp: () => Promise<void>;
}

export interface UpSpec {
  /** A scenario's name, or the text of one. */
  scenario: string;
  args?: string[];
  /** Files that are put into the run's folder first, by name. */
  files?: Record<string, string>;
  /** A folder of an earlier run; cleanUp leaves it. Default: a new one, which cleanUp removes. */
  cwd?: string;
}

/** A client's settings for the run; nothing is taken from this process's environment. */
export const clientOf = ({ env }: Pick<UpRun, 'env'>) => ({
  endpoint: env.AWS_ENDPOINT_URL!,
  region: env.AWS_REGION!,
  credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID!, secretAccessKey: env.AWS_SECRET_ACCESS_KEY! },
});

/** A quiet scenario in which a test alone decides what happens. */
export function scenario(rate: number, policy: string, more = ''): string {
  const spec = policy
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return `description: a test\nload: { phases: [{ for: 60, rate: ${rate} }], repeat: true }\njobs: 200ms\nstartUp: 300ms\n${more}\npolicy:\n${spec}\n`;
}

export async function startUp({ scenario: given, args = [], files = {}, cwd: earlier }: UpSpec): Promise<UpRun> {
  const cwd = earlier ?? mkdtempSync(join(tmpdir(), 'sluice-up-'));
  // A run that was killed left its own behind.
  rmSync(join(cwd, '.sluice', 'env'), { force: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text);
  let name = given;
  if (given.includes('\n')) {
    name = 'scenario.yaml';
    writeFileSync(join(cwd, name), given);
  }
  const clean = cleanEnvironment();
  const child = spawn(
    process.execPath,
    [SLUICE, 'up', '--json', '--scenario', name, '--port', '0', '--endpoint-port', '0', ...args],
    {
      cwd,
      env: clean,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  let all = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
    all += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    all += chunk;
  });
  const ended = new Promise<Awaited<UpRun['ended']>>((resolve) => {
    child.on('close', (status, signal) => {
      const last = stdout.trim().split('\n').at(-1) ?? '';
      resolve({
        status,
        signal,
        summary: last.startsWith('{') ? (JSON.parse(last) as Record<string, unknown>) : undefined,
      });
    });
  });
  const envFile = join(cwd, '.sluice', 'env');
  await until(
    'sluice up to be reachable',
    () => existsSync(envFile) || child.exitCode !== null,
    30_000,
    () => all,
  );
  const env = existsSync(envFile) ? readEnv(envFile) : {};
  return {
    cwd,
    child,
    env,
    output: () => all,
    ended,
    sluice: (...command) => run(process.execPath, [SLUICE, ...command], { cwd, env: { ...clean, ...env } }),
    cleanUp: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
      if (!earlier) rmSync(cwd, { recursive: true, force: true });
    },
  };
}

export function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string },
) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? -1, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

/** The process's environment without anything that points at an AWS account. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_') && !name.startsWith('SLUICE_')),
  );
}

function readEnv(file: string): Record<string, string> {
  const pairs = readFileSync(file, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm);
  return Object.fromEntries([...pairs].map(([, name, value]) => [name!, value!]));
}
