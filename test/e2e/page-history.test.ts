/** One history of a policy, and charts that zoom, in a real browser. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { launch, open, shot } from '../support/browser.ts';
import { pageSite } from '../support/page-site.ts';
import { policyOf } from '../support/policy.ts';
import { tickOf } from '../support/tick.ts';
import { CHROMIUM, withoutTool } from '../support/tools.ts';

const ALERT = {
  name: 'too-old',
  severity: 'critical',
  firing: true,
  since: 0,
  message: 'oldest message 400 s',
} as const;

if (!CHROMIUM) {
  withoutTool('Chromium', 'the page is not opened in a browser');
} else {
  test('decisions, edits, alerts, changes by others, a restart: filtered, searched, linked, by keys; charts zoom', async () => {
    const start = Date.now() - 60_000;
    const versions = [
      {
        version: 2,
        text: 'a\nc\n',
        modified: start + 30_000,
        user: 'arn:aws:iam::1:user/ada',
        description: 'c is better',
      },
      { version: 1, text: 'a\nb\n', modified: start },
    ];
    const site = await pageSite({ versions: async () => ({ ok: true as const, versions }) });
    site.report({ kind: 'spec', change: { kind: 'applied', name: 'jobs', policy: policyOf(), text: 'a\nc\n' } });
    const tell = (at: number, more: object, visible = 40) => {
      const tick = tickOf({ at: start + at, visible });
      site.report({ ...tick, decision: { ...tick.decision, ...more } });
    };
    for (let i = 0; i < 40; i++) tell(i * 1_000, {});
    tell(41_000, { alerts: [ALERT] });
    tell(42_000, { changedElsewhere: { from: 8, to: 1, at: start + 41_500 } });
    tell(43_000, { alerts: [] }, 0);
    const browser = await launch();
    try {
      const { page, trouble } = await open(browser, `${site.url}/#/p/jobs`);
      const history = page.getByRole('region', { name: 'history' });
      for (const words of [
        'alert too-old fires: oldest message 400 s',
        'alert too-old ended',
        'somebody else changed the desired count: 8 \u2192 1',
        'version 2, +1 -1 lines, by ada: c is better',
        'this reconciler started',
      ])
        await history.getByText(words).waitFor();
      await history.getByLabel('kind of entry').selectOption('edits');
      assert.equal(await history.locator('li:visible').count(), 2);
      await history.getByLabel('kind of entry').selectOption('all kinds');
      await page.keyboard.press('Escape');
      await page.goto(`${site.url}/#/p/jobs`);
      await history.getByLabel('search the history').fill('somebody else');
      assert.equal(await history.locator('li:visible').count(), 1);
      await history.getByLabel('search the history').fill('');

      // Arrow keys go from entry to entry; Enter opens one; its link leads back to it.
      await history.getByLabel('kind of entry').selectOption('decisions');
      await history.locator('li:visible > details > summary').first().focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await history.getByRole('heading', { name: 'Decided by' }).first().waitFor();
      const deciding = history.locator('tr.deciding').first();
      assert.ok(await deciding.isVisible());
      await shot(page, 'history');
      const address = await history.getByRole('link', { name: 'Link to this entry' }).first().getAttribute('href');
      assert.match(address ?? '', /^#\/p\/jobs\/at\/20/);
      await page.goto(`${site.url}/${address}`);
      await page.reload();
      await history.locator('details[open]').getByText('Link to this entry').waitFor();

      // A drag over the chart is a time range in the address, and survives a reload.
      const chart = page.locator('.chart').first();
      await chart.locator('canvas').waitFor();
      await page.evaluate('scrollTo(0, 0)');
      const box = await chart.boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + box.width * 0.4, box.y + 60);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 5 });
      await page.mouse.up();
      await page.waitForURL(/from=20.*&to=20/);
      await page.reload();
      await page.getByRole('button', { name: 'Back to now' }).click();
      await page.waitForURL(/#\/p\/jobs$/);
      assert.deepEqual(trouble, []);
    } finally {
      await browser.close();
      site.close();
    }
  });
}

test.run();
