/** Every state of a policy on the list and on its own page, in a real browser: none hides another. */
import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { test } from 'uvu';
import type { Decision } from '../../policies/model/decision.ts';
import { launch, open, shot } from '../support/browser.ts';
import { type PageSite, pageSite } from '../support/page-site.ts';
import { type Look, policyOf } from '../support/policy.ts';
import { tickOf } from '../support/tick.ts';
import { CHROMIUM, withoutTool } from '../support/tools.ts';

const ALERT = {
  name: 'too-old',
  severity: 'critical',
  firing: true,
  since: 0,
  message: 'oldest message 400 s',
} as const;
const MAX = { guard: 'clamp', from: 24, to: 20, because: 'maxWorkers is 20' };

/** Tells of a policy with one tick, whose decision a test may change. */
function tell({ report }: PageSite, name: string, decision: Partial<Decision> = {}, look: Look = {}): void {
  report({ kind: 'spec', change: { kind: 'applied', name, policy: policyOf(), text: 'spec: {}\n' } });
  const tick = tickOf({ name, visible: 40, at: Date.now(), ...look });
  report({ ...tick, decision: { ...tick.decision, ...decision } });
}

function refuse({ report }: PageSite, name: string): void {
  const problems = [{ line: 3, col: 1, path: 'spec.scaling', message: 'unknown field', hint: 'remove it' }];
  report({
    kind: 'spec',
    change: { kind: 'refused', name, version: 9, inForce: 1, problems, text: 'a\nb\nc\n' },
  });
}

async function withSite(check: (site: PageSite, browser: Browser) => Promise<void>): Promise<void> {
  const site = await pageSite();
  const browser = await launch();
  try {
    await check(site, browser);
  } finally {
    await browser.close();
    site.close();
  }
}

if (!CHROMIUM) {
  withoutTool('Chromium', 'the page is not opened in a browser');
} else {
  test('edit, health and limit stand side by side, and no text replaces the cause', () =>
    withSite(async (site, browser) => {
      tell(site, 'broken-edit', { alerts: [ALERT], guards: [MAX], summary: '20 workers: 24 are needed' });
      refuse(site, 'broken-edit');
      tell(site, 'asleep', { mode: 'paused', outcome: 'paused', summary: 'no decision: the policy is paused' });
      tell(site, 'watching', { mode: 'observe' });
      tell(site, 'blind', {}, { failQueue: { message: 'the queue does not exist' } });
      tell(site, 'calm', { guards: [] });
      const { page, trouble } = await open(browser, site.url);
      const row = (name: string) => page.getByRole('listitem').filter({ has: page.getByRole('link', { name }) });
      for (const words of [
        'version 9 refused',
        'alert too-old',
        'at maxWorkers',
        'limited by maxWorkers',
        '24 are needed',
      ])
        await row('broken-edit').getByText(words).waitFor();
      await row('asleep').getByText('paused', { exact: true }).waitFor();
      await row('watching').getByText('observing', { exact: true }).waitFor();
      await row('blind').getByText('cannot read the queue').waitFor();
      assert.equal(await row('calm').locator('.tag').count(), 0);
      await shot(page, 'states');

      await page.getByLabel('filter by state').selectOption('edit refused');
      await page.getByText('1 of 5').waitFor();
      assert.match(page.url(), /state=edit\+refused/);
      await page.getByLabel('filter by state').selectOption('all states');
      await page.getByLabel('sort by').selectOption('name');
      assert.match((await page.getByRole('listitem').first().textContent()) ?? '', /asleep/);

      await page.getByRole('link', { name: 'broken-edit' }).click();
      const state = page.getByRole('group', { name: 'state' });
      for (const words of ['version 9 refused', 'alert too-old', 'at maxWorkers', 'limited by maxWorkers'])
        await state.getByText(words, { exact: true }).waitFor();
      await page.getByText('Line 3, spec.scaling: unknown field (remove it)').waitFor();
      await shot(page, 'states-policy');
      // The header stays: connection and time zone are in sight at the page's end.
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      assert.equal(await page.evaluate('document.querySelector("header").getBoundingClientRect().top'), 0);
      await page.getByText('live', { exact: true }).waitFor();
      await page.getByText(/^times in UTC/).waitFor();
      assert.deepEqual(trouble, []);
    }));

  test('no policy, an unknown one, a deleted one: the page says what to do', () =>
    withSite(async (site, browser) => {
      const { page, trouble } = await open(browser, site.url);
      await page.getByText('No policy is stored yet.').waitFor();
      await page.getByText('live', { exact: true }).waitFor();
      await page.goto(`${site.url}/#/p/joobs`);
      await page.getByRole('heading', { name: 'No such policy' }).waitFor();
      await page.getByText('sluice policy apply FILE').waitFor();
      assert.equal(await page.locator('.chart').count(), 0);
      // It turns into the policy as soon as there is one.
      tell(site, 'joobs');
      await page.getByRole('heading', { name: 'joobs' }).waitFor();
      await page.locator('.chart canvas').first().waitFor();
      site.report({ kind: 'spec', change: { kind: 'deleted', name: 'joobs' } });
      await page.getByText('This policy was deleted.').waitFor();
      // The one error of the console is the 404 that the page asked for.
      assert.deepEqual(
        trouble.filter((t) => !t.includes('404')),
        [],
      );
    }));
}

test.run();
