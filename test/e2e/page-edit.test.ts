/** Edit with a look ahead, in a real browser, with a keyboard only. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import type { Backtest, Edits } from '../../reconciler/http/edits.ts';
import { launch, open, shot } from '../support/browser.ts';
import { pageSite } from '../support/page-site.ts';
import { policyOf } from '../support/policy.ts';
import { tickOf } from '../support/tick.ts';
import { CHROMIUM, withoutTool } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { scenario, startUp, type UpRun } from '../support/up.ts';

const POLICY = `
interval: 1s
scaling:
  minWorkers: 2
  maxWorkers: 6
  strategies: [{ type: threshold }]
  scaleUp: { cooldown: 1s }
  scaleDown: { cooldown: 1s }
`;

const DOCUMENT = `apiVersion: sluice/v1
kind: WorkerPolicy
metadata: { name: jobs }
spec:
  queue: { name: jobs }
  service: { cluster: demo, name: jobs }
  scaling: { minWorkers: 1, maxWorkers: 20, strategies: [{ type: threshold }] }
`;

const pageOf = (up: UpRun): Promise<string> => {
  const file = join(up.cwd, '.sluice', 'sluice.log');
  const log = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return until('the page', () => /"url":"(http:[^"]+)"/.exec(log())?.[1], 30_000, up.output);
};

/** Goes on with Tab until the control of this name has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < 80; i++) {
    await page.keyboard.press('Tab');
    const label = await page.evaluate<string>(`(() => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      return at?.getAttribute('aria-label') ?? at?.textContent ?? '';
    })()`);
    if (label === name) return;
    seen.push(label.slice(0, 30));
  }
  assert.fail(`Tab does not reach "${name}"; it goes over ${seen.join(' | ')}`);
}

/** Puts the cursor behind the first place of a text in the editor, by keys. */
async function cursorBehind(page: Page, text: string, found: string): Promise<void> {
  await page.keyboard.press('Control+Home');
  for (let i = text.indexOf(found) + found.length; i > 0; i--) await page.keyboard.press('ArrowRight');
}

if (!CHROMIUM) {
  withoutTool('Chromium', 'the page is not opened in a browser');
} else {
  test('complete, mend, look ahead, store, see it in force, meet a conflict, undo: with keys alone', async () => {
    const up = await startUp({ scenario: scenario(1, POLICY) });
    const browser = await launch();
    try {
      const url = await pageOf(up);
      const { page, trouble } = await open(browser, `${url}/#/p/demo`, { viewport: { width: 1400, height: 1000 } });
      await page.getByRole('heading', { level: 1, name: 'demo' }).waitFor();
      const { stdout: text } = await up.sluice('policy', 'get', 'demo');
      await tabTo(page, 'Edit');
      await page.keyboard.press('Enter');
      const editor = page.getByRole('textbox', { name: 'policy document', exact: true });
      await editor.waitFor();
      await page.getByText(/no difference: \d workers/).waitFor();

      // A mistake is marked at its line, in the words of the validator, and cannot be stored.
      await cursorBehind(page, text, 'minWorkers: ');
      await page.keyboard.press('Delete');
      await page.keyboard.type('x');
      await page.getByText(/1 problem; the first: line \d+, spec.scaling.minWorkers/).waitFor();
      assert.ok(await page.getByRole('button', { name: 'Store' }).isDisabled());
      await page.locator('.cm-lintRange-error').first().waitFor();
      await page.keyboard.press('Backspace');

      await page.keyboard.type('5');
      await page.getByText('5 workers instead of 2').waitFor();
      await page.getByText(/of \d+ decisions of the last .* would differ/).waitFor();

      // Completion knows the fields of this place and their meaning.
      await page.keyboard.press('End');
      await page.keyboard.press('Enter');
      await page.keyboard.type('conc');
      await page.locator('.cm-tooltip-autocomplete', { hasText: 'concurrency' }).waitFor();
      await shot(page, 'edit');
      // CodeMirror accepts nothing in the first 75 ms of a list, so that a fast writer's Enter stays a new line.
      await until('the completion', async () => {
        await page.keyboard.press('Enter');
        return (await editor.textContent())?.includes('concurrency: ');
      });
      await page.keyboard.type('1');
      await page.getByText('5 workers instead of 2').waitFor();

      await tabTo(page, 'reason for the edit');
      await page.keyboard.type('five for the evening');
      await page.keyboard.press('Control+Enter');
      await page.getByText('version 2 is stored').waitFor();
      await page.getByText(/^in force after/).waitFor();
      await page
        .locator('.steps')
        .getByText(/2 \u2192 5 workers/)
        .waitFor();
      const kept = await page.evaluate<{ versions: { description?: string }[] }>(
        `fetch('/api/policies/demo/versions').then((r) => r.json())`,
      );
      assert.equal(kept.versions[0]?.description, 'five for the evening');
      await shot(page, 'edit-stored');

      // Somebody else stores a version: nothing is overwritten, and both texts stand side by side.
      await up.sluice('policy', 'get', 'demo', '-o', 'p.yaml');
      const theirs = readFileSync(join(up.cwd, 'p.yaml'), 'utf8').replace('maxWorkers: 6', 'maxWorkers: 7');
      writeFileSync(join(up.cwd, 'p.yaml'), theirs);
      assert.equal((await up.sluice('policy', 'apply', 'p.yaml')).status, 0);
      await editor.focus();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('# mine\n');
      await page.getByText('no difference: 5 workers').waitFor();
      await page.keyboard.press('Control+Enter');
      await page.getByText('Version 3 was stored meanwhile; nothing of yours was stored.').waitFor();
      await page.getByRole('textbox', { name: 'stored version, read only' }).getByText('maxWorkers: 7').waitFor();
      await shot(page, 'edit-conflict');
      await tabTo(page, 'Close');
      await page.keyboard.press('Enter');

      // One click back: the older text comes into the editor with its consequence and its reason.
      await tabTo(page, 'Undo last edit');
      await page.keyboard.press('Enter');
      await editor.waitFor();
      assert.equal(await page.getByLabel('reason for the edit').inputValue(), 'rollback to version 2');
      await page.getByText(/no difference: 5 workers/).waitFor();
      await page.keyboard.press('Control+Enter');
      await page.getByText('version 4 is stored').waitFor();
      // The one error of the console is the conflict that was asked for.
      assert.deepEqual(
        trouble.filter((t) => !t.includes('409')),
        [],
      );
    } catch (error) {
      for (const context of browser.contexts()) for (const page of context.pages()) await shot(page, 'edit-failed');
      throw error;
    } finally {
      await browser.close();
      await up.cleanUp();
    }
  });

  test('a backtest: progress, cancel, and both versions side by side', async () => {
    let state: Backtest | undefined;
    const course = {
      withinTarget: 0.999,
      workerHours: 12,
      dollars: 1.2,
      scaleActions: 3,
      wait: { p50: 1, p99: 9, max: 40 },
    };
    const base = { id: 'b', policy: 'jobs' };
    const edits: Edits = {
      records: () => [],
      store: async () => assert.fail('nothing is stored'),
      startBacktest: () => {
        state = { ...base, state: 'running', share: 0.4 };
        return state;
      },
      backtest: () => state,
      cancelBacktest: () => {
        state = { ...base, state: 'cancelled' };
      },
    };
    const site = await pageSite({ edits }, { localWrites: true });
    site.report({ kind: 'spec', change: { kind: 'applied', name: 'jobs', policy: policyOf(), text: DOCUMENT } });
    site.report(tickOf({ at: Date.now() }));
    const browser = await launch();
    try {
      const { page, trouble } = await open(browser, `${site.url}/#/p/jobs`);
      await tabTo(page, 'Edit');
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: 'policy document', exact: true }).waitFor();
      await tabTo(page, 'Run backtest');
      await page.keyboard.press('Enter');
      await page.getByText('running both versions: 40 %').waitFor();
      // The focus is on the way out.
      await page.keyboard.press('Enter');
      await page.getByText('cancelled', { exact: true }).waitFor();
      await tabTo(page, 'Run backtest');
      await page.keyboard.press('Enter');
      await page.getByText('running both versions: 40 %').waitFor();
      const price = { usd: 0.1, source: 'a test' };
      const least = { workerHours: 9, dollars: 0.9 };
      const after = { ...course, workerHours: 10, dollars: 1 };
      state = { ...base, state: 'done', before: course, after, target: 60, messages: 100, least, price };
      await page.getByRole('row', { name: 'dollars $1.20 $1.00' }).waitFor();
      await page.getByRole('row', { name: 'received in time 99.900 % 99.900 %' }).waitFor();
      assert.deepEqual(trouble, []);
    } finally {
      await browser.close();
      site.close();
    }
  });

  test('without leave to write the editor is read only, and says what to do', async () => {
    const edits: Edits = {
      records: () => [],
      store: async () => assert.fail('nothing is stored'),
      startBacktest: () => undefined,
      backtest: () => undefined,
      cancelBacktest: () => {},
    };
    const site = await pageSite({ edits }, { token: 'geheim' });
    site.report({ kind: 'spec', change: { kind: 'applied', name: 'jobs', policy: policyOf(), text: 'a: 1\n' } });
    const browser = await launch();
    try {
      const { page, trouble } = await open(browser, `${site.url}/#/p/jobs`, { viewport: { width: 390, height: 800 } });
      await tabTo(page, 'Edit');
      await page.keyboard.press('Enter');
      await page.getByText('Read only: give the bearer token to edit.').waitFor();
      await page.getByRole('textbox', { name: 'policy document, read only' }).waitFor();
      await page.getByRole('region', { name: 'edit' }).getByLabel('bearer token').fill('geheim');
      await page.keyboard.press('Tab');
      await page.getByRole('textbox', { name: 'policy document', exact: true }).waitFor();
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      assert.ok(width <= 390, `the editor makes the page ${width} px wide on a phone of 390`);
      await shot(page, 'edit-phone');
      assert.deepEqual(trouble, []);
    } finally {
      await browser.close();
      site.close();
    }
  });
}

test.run();
