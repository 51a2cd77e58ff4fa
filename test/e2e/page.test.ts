/** The page in a real browser. Screenshots go to .sluice/screenshots of the checkout, to be looked at. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type Browser, chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import { listen } from '../../reconciler/http/server.ts';
import { Board } from '../../reconciler/report/board.ts';
import { Histories } from '../../reconciler/report/history.ts';
import { createLogger } from '../../reconciler/report/log.ts';
import { Metrics } from '../../reconciler/report/metrics.ts';
import { reportTo } from '../../reconciler/report/reporter.ts';
import { ReporterGuard } from '../../reconciler/report/reporter-guard.ts';
import { Timeline } from '../../reconciler/report/timeline.ts';
import { completed } from '../../reconciler/settings.ts';
import { policyOf } from '../support/policy.ts';
import { tickOf } from '../support/tick.ts';
import { CHROMIUM, withoutTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { clientOf, scenario, startUp } from '../support/up.ts';

const SHOTS = fileURLToPath(new URL('../../.sluice/screenshots/', import.meta.url));
/** A root user needs --no-sandbox; the others keep the browser from calling home. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const POLICY = `
interval: 1s
scaling:
  minWorkers: 2
  maxWorkers: 6
  strategies: [{ type: threshold }]
  scaleUp: { cooldown: 1s }
  scaleDown: { cooldown: 1s }
chaos:
  enabled: true
  cooldown: 0s
  experiments:
    - { name: stop-one, fault: { type: stopTask, count: 1 }, hypothesis: { recoversWithin: 20s } }
`;

/** A page that fails the test on any console error, any broken CSP, and any request to somewhere else. */
async function open(browser: Browser, url: string, options: object = {}): Promise<{ page: Page; trouble: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (m) => m.type() === 'error' && trouble.push(`console: ${m.text()}`));
  page.on('pageerror', (e) => trouble.push(`page: ${e.message}`));
  page.on(
    'request',
    (r) => !r.url().startsWith(url) && !r.url().startsWith('data:') && trouble.push(`request: ${r.url()}`),
  );
  await page.goto(url);
  return { page, trouble };
}

const logOf = (cwd: string): string => {
  const file = join(cwd, '.sluice', 'sluice.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** Past every check, as somebody else's tool writes it. */
const putRaw = (env: Record<string, string>, Value: string) =>
  new SSMClient(clientOf({ env })).send(
    new PutParameterCommand({ Name: '/sluice/policies/demo', Value, Overwrite: true }),
  );

const shot = (page: Page, name: string) => page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });

const executablePath = CHROMIUM;
if (!executablePath) {
  withoutTool('Chromium', 'the page is not opened in a browser');
} else {
  mkdirSync(SHOTS, { recursive: true });

  test('a live edit, a refused edit, reasons, an experiment, versions: all on the page', async () => {
    const up = await startUp({ scenario: scenario(1, POLICY) });
    const browser = await chromium.launch({ executablePath, args: ARGS });
    try {
      const url = await until('the page', () => /"url":"(http:[^"]+)"/.exec(logOf(up.cwd))?.[1], 30_000, up.output);
      const { page, trouble } = await open(browser, url);
      await page.getByRole('link', { name: /demo/ }).first().click();
      await page.getByRole('heading', { level: 1, name: 'demo' }).waitFor();
      await page.locator('.chart canvas').first().waitFor();
      await page.getByText('live', { exact: true }).waitFor();

      const { stdout: text } = await up.sluice('policy', 'get', 'demo');
      await up.sluice('policy', 'get', 'demo', '-o', 'p.yaml');
      writeFileSync(join(up.cwd, 'p.yaml'), text.replace('minWorkers: 2', 'minWorkers: 4'));
      assert.equal((await up.sluice('policy', 'apply', 'p.yaml')).status, 0);
      await page.getByText('2 \u2192 4').first().waitFor();
      await page.locator('.fact', { hasText: 'desired' }).getByText('4', { exact: true }).waitFor();

      await page.locator('.timeline summary', { hasText: '2 \u2192 4' }).first().click();
      await page.getByText('minWorkers is 4').first().waitFor();
      await page.getByRole('heading', { name: 'Guards, in order' }).waitFor();
      await shot(page, 'policy');

      await putRaw(up.env, text.replace('minWorkers: 2', 'minWorkrs: 2'));
      await page.getByText('was refused').waitFor();
      await page.locator('.code .problem', { hasText: 'did you mean minWorkers?' }).waitFor();
      await shot(page, 'refused');

      await page.getByRole('button', { name: 'Run now stop-one' }).click();
      await page.getByText(/^accepted: stop 1 of/).waitFor();
      await page.locator('details', { hasText: 'stop-one' }).getByText('passed').first().waitFor({ timeout: 30_000 });

      await page.getByRole('button', { name: 'Differences' }).click();
      await page.locator('.code .added', { hasText: 'minWorkrs: 2' }).waitFor();
      await page.locator('.code .removed', { hasText: 'minWorkers: 4' }).waitFor();

      await page.reload();
      await page.getByText('2 \u2192 4').first().waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('heading', { level: 1, name: 'Policies' }).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type('nothing-like-it');
      await page.getByText('0 of 1').waitFor();
      assert.deepEqual(trouble, []);
    } finally {
      await browser.close();
      await up.cleanUp();
    }
  });

  test('a thousand policies: rendered, filtered, updated in place, on a phone and in the dark', async () => {
    const board = new Board();
    const timeline = new Timeline();
    const histories = new Histories();
    const metrics = new Metrics();
    const guard = new ReporterGuard(createLogger('silent'), metrics.onReporterError);
    const names = Array.from({ length: 1_000 }, (_, i) => `policy-${i}`);
    const settings = completed({ port: 0 }, true);
    const live = {
      board,
      timeline,
      histories,
      guard,
      lookedAt: Date.now,
      polledAt: Date.now,
      watchFailure: () => undefined,
      versions: async () => ({ ok: true as const, versions: [] }),
      request: async () => assert.fail('nothing asks'),
    };
    const { url, stream, close } = await listen(live, metrics.registry, settings);
    const report = reportTo(board, [histories, timeline, stream], guard);
    const tell = (name: string, visible: number) => report(tickOf({ name, visible, at: Date.now() }));
    for (const name of names) {
      report({ kind: 'spec', change: { kind: 'applied', name, policy: policyOf(), text: 'x' } });
      for (let i = 0; i < 30; i++) tell(name, i);
    }
    const browser = await chromium.launch({ executablePath, args: ARGS });
    try {
      const { page, trouble } = await open(browser, url);
      await page.getByText('1000 of 1000').waitFor();
      assert.equal(await page.locator('.rows > li').count(), 1_000);
      tell('policy-7', 4_711);
      await page.locator('a.row', { hasText: 'policy-7' }).first().getByText('4711 + 0').waitFor();
      await page.getByRole('searchbox').fill('policy-99');
      await page.getByText('11 of 1000').waitFor();
      // Every policy ticks: the page must still answer.
      for (const name of names) tell(name, 5);
      await page.getByRole('searchbox').fill('policy-123');
      await page.getByText('1 of 1000').waitFor();
      await page.getByRole('searchbox').fill('');
      await shot(page, 'thousand');
      assert.deepEqual(trouble, []);

      const phone = await open(browser, url, { viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
      await phone.page.getByRole('searchbox').fill('policy-1');
      const width = await phone.page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(width <= 390, `the page is ${width} px wide on a phone of 390`);
      await phone.page.goto(`${url}/#/p/policy-1`);
      await phone.page.locator('.chart canvas').first().waitFor();
      const inner = await phone.page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(inner <= 390, `a policy is ${inner} px wide on a phone of 390`);
      await shot(phone.page, 'phone-dark');
      assert.deepEqual(phone.trouble, []);
    } finally {
      await browser.close();
      close();
    }
  });
}

test.run();
