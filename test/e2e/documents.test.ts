/** Every command in README.md and docs/ is run, or checked against the program's own help, or named here with its test. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { until } from '../support/until.ts';
import { cleanEnvironment, run, SLUICE, startUp } from '../support/up.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const documents = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((f) => f.endsWith('.md'))
    .map((f) => join('docs', f)),
  ...['taskiq', 'celery', 'boto3-worker'].map((name) => join('examples', name, 'README.md')),
];

interface Command {
  file: string;
  line: number;
  text: string;
}

/** The lines of `sh` blocks, without comments and continuations. */
function commandsOf(file: string): Command[] {
  const commands: Command[] = [];
  let inside = false;
  let open: Command | undefined;
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .forEach((raw, i) => {
      if (/^\s*```/.test(raw)) inside = /^\s*```sh\b/.test(raw);
      else if (inside) {
        const text = raw.replace(/(^|\s{2,})#.*$/, '').trim();
        const goesOn = text.endsWith('\\');
        const part = text.replace(/\\$/, '').trim();
        if (open) open.text += ` ${part}`;
        else if (part !== '') {
          open = { file, line: i + 1, text: part };
          commands.push(open);
        }
        if (!goesOn) open = undefined;
      }
    });
  return commands;
}

const all = documents.flatMap(commandsOf);

/** Commands of other programs, and where each is run. A new one in a document needs a place here. */
const ELSEWHERE: [RegExp, string][] = [
  [/^npm ci( && npm (start|test)( .*)?)?$/, '.ci/run'],
  [/^npm start( -- --scenario [\w-]+)?$/, '.ci/run, test/e2e/up.test.ts, test/e2e/chaos.test.ts'],
  [/^npm run (bench|test:\w+|docs:reference|docs:screenshot|build)\b/, 'by hand, or its result is tested'],
  [/^kill -9 \$\(grep/, 'test/e2e/up.test.ts'],
  [/^source \.sluice\/env$/, 'test/e2e/up.test.ts'],
  [/^aws --endpoint-url/, 'test/e2e/clients-cli.test.ts'],
  [/^cp policies\/starter\/[\w-]+\.yaml /, 'test/policies/starter.test.ts'],
  [/^(npx )?(eval "\$\()?(pulumi|npm run (--silent )?(infra|pulumi))/, 'docs/deploy.md says why it is not run in CI'],
  [/^(BIND_HOST|docker|buildah|bash test\/image)/, 'test/infra/image/build.sh'],
  [
    /^([A-Z_]+=|\$EDITOR |(aws|jq|xargs|export|cd|git|curl|python3?|pip|set|npx tsx|node) )/,
    'needs an account, or sets the scene',
  ],
];

test('every command of another program is known', () => {
  assert.ok(all.length > 40, `${all.length} commands were found`);
  for (const { file, line, text } of all) {
    if (/^npx sluice\b|^sluice\b/.test(text)) continue;
    assert.ok(
      ELSEWHERE.some(([pattern]) => pattern.test(text)),
      `${file}:${line}: ${text}: nothing runs this`,
    );
  }
});

const ours = all.filter(({ text }) => /^(npx )?sluice\b/.test(text));
const words = (text: string): string[] =>
  (
    text
      .replace(/^(npx )?sluice\s*/, '')
      .replace(/\s*[|>&].*$/, '')
      .match(/"[^"]*"|\S+/g) ?? []
  ).map((w) => w.replaceAll('"', ''));

test('every command of ours exists, with every flag that is given', async () => {
  const helps = new Map<string, Promise<{ status: number; stdout: string; stderr: string }>>();
  for (const { file, line, text } of ours) {
    const args = words(text);
    const path = args.slice(0, ['policy', 'chaos'].includes(args[0] ?? '') ? 2 : 1).filter((w) => !w.startsWith('-'));
    const key = path.join(' ');
    if (!helps.has(key))
      helps.set(key, run(process.execPath, [SLUICE, ...path, '--help'], { env: cleanEnvironment() }));
    const { status, stdout, stderr } = await helps.get(key)!;
    assert.equal(status, 0, `${file}:${line}: ${text}: ${stderr}`);
    const usage = stdout.split('\n')[0] ?? '';
    assert.ok(usage.includes(`sluice ${key}`.trim()), `${file}:${line}: there is no command ${key}: ${usage}`);
    for (const flag of args.filter((w) => /^-/.test(w)).map((w) => w.split('=')[0]!))
      assert.ok(
        new RegExp(`(^|[\\s,])${flag}([\\s,<]|$)`, 'm').test(stdout),
        `${file}:${line}: ${text}: no flag ${flag}`,
      );
  }
});

test('getting started, as it stands', async () => {
  const steps = commandsOf('docs/getting-started.md').filter(({ text }) => /^npx sluice/.test(text));
  const local = steps.filter(({ text }) => /--local|validate demo|explain|logs|replay/.test(text));
  assert.ok(local.length >= 13, `${local.length} steps can be run here`);
  const up = await startUp({ scenario: 'steady-and-cut.yaml', files: { 'steady-and-cut.yaml': SCENARIO } });
  try {
    await until('a fleet', async () => /2 running/.test((await up.sluice('status', 'demo')).stdout), 30_000, up.output);
    for (const { line, text } of local) {
      const { status, stdout, stderr } = await up.sluice(...words(text));
      assert.equal(status, 0, `docs/getting-started.md:${line}: ${text}\n${stdout}${stderr}`);
      if (!text.includes('policy get demo')) continue;
      const file = join(up.cwd, 'demo.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('minWorkers: 2', 'minWorkers: 5'));
    }
    up.child.kill('SIGINT');
    const { summary } = await up.ended;
    assert.ok(summary, 'a summary is printed');
    assert.equal(summary.lost, 0);
    const { max } = summary.workers as { max: number };
    assert.ok(max >= 5, `the live edit makes it 5 workers; at most ${max} ran`);
  } finally {
    await up.cleanUp();
  }
});

/** The tour's fleet without its events, so that the steps do not wait for them. */
const SCENARIO = `${readFileSync(join(root, 'examples/scenarios/tour.yaml'), 'utf8').replace(/events:\n( {2}.*\n)+/, '')}`;

test.run();
