/**
 * Runs test files, each in its own process, and adds up what uvu printed.
 *
 * uvu alone cannot be trusted with this: it exits 0 when a hook throws, and a file in which no test ran looks like one
 * that passed. So a file passes only if it exited 0, ran at least one test, and passed as many as it ran.
 *
 * Usage: node --import tsx test/run.ts [--jobs N] [--list] [FILTER ...]   (a filter is a part of a file's path)
 * Long tests play a seeded sample: --all plays everything, --seed N draws another, --only TEXT plays what it names.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Longest a single file may take; e2e files wait on conditions, each with a deadline far below this. */
const FILE_TIMEOUT_MS = 240_000;
/** Longest that a file may take when it plays everything. */
const WHOLE_TIMEOUT_MS = 3 * 3_600_000;

interface Outcome {
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
  output: string;
  problem?: string;
}

function testFiles(): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', name))
    .sort();
}

function count(output: string, label: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: uvu colours its summary.
  const plain = output.replaceAll(/\u001b\[[0-9;]*m/g, '');
  return [...plain.matchAll(new RegExp(`^\\s*${label}:\\s+(\\d+)`, 'gm'))].reduce((sum, m) => sum + Number(m[1]), 0);
}

function judge(file: string, output: string, code: number | null, seconds: number, timedOut: boolean): Outcome {
  const total = count(output, 'Total');
  const passed = count(output, 'Passed');
  const skipped = count(output, 'Skipped');
  const failed = Math.max(0, total - passed);
  const outcome = { file, passed, failed, skipped, seconds, output };
  if (timedOut)
    return { ...outcome, failed: Math.max(1, failed), problem: `took longer than ${Math.floor(seconds)} s` };
  if (total === 0) return { ...outcome, failed: 1, problem: 'ran no test' };
  if (failed > 0) return { ...outcome, problem: `${failed} of ${total} failed` };
  if (code !== 0) return { ...outcome, failed: 1, problem: `exited with ${code}` };
  return outcome;
}

function runFile(file: string, env: NodeJS.ProcessEnv, timeoutMs: number): Promise<Outcome> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', '--enable-source-maps', file], {
      cwd: root,
      env: { ...process.env, ...env, NODE_ENV: 'test' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    let timedOut = false;
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('close', (code) => {
      clearTimeout(timer);
      const seconds = (performance.now() - started) / 1000;
      resolve(judge(file, Buffer.concat(chunks).toString('utf8'), code, seconds, timedOut));
    });
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: 'string' },
      list: { type: 'boolean' },
      exclude: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean' },
      seed: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const wanted = (file: string): boolean =>
    (positionals.length === 0 || positionals.some((part) => file.includes(part))) &&
    !values.exclude.some((part) => file.includes(part));
  const queue = testFiles().filter(wanted);
  if (values.list) {
    console.log(queue.join('\n'));
    return 0;
  }
  if (queue.length === 0) {
    console.error(`no test file matches ${positionals.join(' ') || 'test/**/*.test.ts'}`);
    return 1;
  }
  const jobs = Number(values.jobs ?? Math.min(4, Math.max(2, availableParallelism())));
  const outcomes: Outcome[] = [];
  const env = {
    ...(values.all ? { SLUICE_TEST_ALL: '1' } : {}),
    ...(values.seed ? { SLUICE_TEST_SEED: values.seed } : {}),
    ...(values.only ? { SLUICE_TEST_ONLY: values.only } : {}),
  };
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const outcome = await runFile(file, env, values.all || values.only ? WHOLE_TIMEOUT_MS : FILE_TIMEOUT_MS);
      outcomes.push(outcome);
      const mark = outcome.problem ? 'FAIL' : 'ok  ';
      const detail = outcome.problem ? `: ${outcome.problem}\n${outcome.output}` : '';
      // Long tests tell how much they played.
      for (const [line] of outcome.output.matchAll(/^seed \d+: .*$/gm)) console.log(`     ${line}`);
      console.log(`${mark} ${relative('.', file)} (${outcome.passed} in ${outcome.seconds.toFixed(1)} s)${detail}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  const sum = (pick: (o: Outcome) => number): number => outcomes.reduce((total, o) => total + pick(o), 0);
  const broken = outcomes.filter((o) => o.problem);
  for (const o of broken) console.log(`FAIL ${o.file}: ${o.problem}`);
  const skipped = sum((o) => o.skipped);
  console.log(`${sum((o) => o.passed)} passed, ${sum((o) => o.failed)} failed${skipped ? `, ${skipped} skipped` : ''}`);
  return broken.length > 0 ? 1 : 0;
}

process.exitCode = await main();
