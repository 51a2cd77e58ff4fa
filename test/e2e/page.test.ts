/** The page in a real browser. Screenshots go to .sluice/screenshots of the checkout, to be looked at. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { test } from 'uvu';
import { launch, open, shot } from '../support/browser.ts';
import { pageSite } from '../support/page-site.ts';
import { policyOf } from '../support/policy.ts';
import { tickOf } from '../support/tick.ts';
import { CHROMIUM, withoutTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { clientOf, scenario, startUp } from '../support/up.ts';

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

const logOf = (cwd: string): string => {
  const file = join(cwd, '.sluice', 'sluice.log');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** Past every check, as somebody else's tool writes it. */
const putRaw = (env: Record<string, string>, Value: string) =>
  new SSMClient(clientOf({ env })).send(
    new PutParameterCommand({ Name: '/sluice/policies/demo', Value, Overwrite: true }),
  );

if (!CHROMIUM) {
  withoutTool('Chromium', 'the page is not opened in a browser');
} else {
  test('a live edit, a refused edit, reasons, an experiment, versions: all on the page', async () => {
    const up = await startUp({ scenario: scenario(1, POLICY) });
    const browser = await launch();
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
      await page.getByRole('heading', { name: 'Decided by' }).waitFor();
      await shot(page, 'policy');

      await putRaw(up.env, text.replace('minWorkers: 2', 'minWorkrs: 2'));
      await page.getByText('was refused').waitFor();
      await page.getByRole('group', { name: 'state' }).getByText('version 3 refused').waitFor();
      await page.locator('.code .problem', { hasText: 'did you mean minWorkers?' }).waitFor();
      await shot(page, 'refused');

      await page.getByRole('button', { name: 'Run now stop-one' }).click();
      // The effect is named, and the harmless answer has the focus.
      await page.getByRole('dialog').getByText('Stops 1 task with StopTask').waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Run now stop-one' }).click();
      await page.getByRole('button', { name: 'Run stop-one', exact: true }).click();
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
    const names = Array.from({ length: 1_000 }, (_, i) => `policy-${i}`);
    const { url, report, close } = await pageSite();
    const tell = (name: string, visible: number) => report(tickOf({ name, visible, at: Date.now() }));
    for (const name of names) {
      report({ kind: 'spec', change: { kind: 'applied', name, policy: policyOf(), text: 'x' } });
      for (let i = 0; i < 30; i++) tell(name, i);
    }
    const browser = await launch();
    try {
      const { page, trouble } = await open(browser, url);
      await page.getByText('1000 of 1000').waitFor();
      assert.equal(await page.locator('.rows > li').count(), 1_000);
      tell('policy-7', 4_711);
      await page.locator('.rows > li', { hasText: 'policy-7' }).first().getByText('4711 + 0').waitFor();
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
