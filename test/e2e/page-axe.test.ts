/** axe-core finds nothing on the page, in light and dark, nor in the two HTML reports. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import type { Run } from '../../policies/model/run.ts';
import { page as backtestPage } from '../../reconciler/backtest/html.ts';
import { reportHtml } from '../../reconciler/cli/chaos/html.ts';
import type { Edits } from '../../reconciler/http/edits.ts';
import { launch, open } from '../support/browser.ts';
import { pageSite } from '../support/page-site.ts';
import { policyOf } from '../support/policy.ts';
import { tickOf } from '../support/tick.ts';
import { CHROMIUM, withoutTool } from '../support/tools.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Returns each rule that a page breaks, with the first elements that do. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(`axe.run(document).then(({ violations }) => violations.map(
    ({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map((n) => n.target.flat().join(' ')).join(' | ')))`);
}

const EDITS: Edits = {
  records: () => [],
  store: async () => assert.fail('nothing is stored'),
  startBacktest: () => undefined,
  backtest: () => undefined,
  cancelBacktest: () => {},
};

const RUN: Run = {
  ...{ id: 'r1', experiment: 'empty', fault: 'drain', trigger: 'request', summary: 'drain 4 workers', phase: 'ended' },
  ...{ spec: 1, injection: {}, startedAt: 0, deadline: 60_000, injectedAt: 1_000, endedAt: 40_000, because: 'in time' },
  hypothesis: { recoversWithin: 60_000, maxVisible: 8, maxOldestAge: 30_000 },
  before: { visible: 0, desired: 4 },
  peak: { visible: 9 },
  samples: [
    [0, 0, 4, 4],
    [40, 9, 0, 0],
  ],
};

if (!CHROMIUM) {
  withoutTool('Chromium', 'the page is not opened in a browser');
} else {
  test('the list, a policy, the editor, a dialog of the page, and an unknown policy', async () => {
    const site = await pageSite({ edits: EDITS }, { localWrites: true });
    const problems = [{ line: 1, col: 1, path: 'spec', message: 'unknown field' }];
    site.report({ kind: 'spec', change: { kind: 'applied', name: 'jobs', policy: policyOf(), text: 'a: 1\n' } });
    site.report(tickOf({ at: Date.now(), visible: 40 }));
    site.report({
      kind: 'spec',
      change: { kind: 'refused', name: 'jobs', version: 2, inForce: 1, problems, text: 'b: 1\n' },
    });
    const browser = await launch();
    try {
      for (const colorScheme of ['light', 'dark']) {
        const { page } = await open(browser, site.url, { colorScheme });
        await page.getByText('1 of 1').waitFor();
        assert.deepEqual(await violations(page), [], `the list, ${colorScheme}`);
        await page.goto(`${site.url}/#/p/jobs`);
        await page.getByRole('region', { name: 'history' }).locator('summary').last().click();
        await page.getByRole('button', { name: 'Edit', exact: true }).click();
        await page.getByRole('textbox', { name: 'policy document', exact: true }).waitFor();
        await page.getByText('the text is not valid; fix it first').waitFor();
        assert.deepEqual(await violations(page), [], `a policy with its editor, ${colorScheme}`);
        await page.goto(`${site.url}/#/p/nobody`);
        await page.getByRole('heading', { name: 'No such policy' }).waitFor();
        assert.deepEqual(await violations(page), [], `an unknown policy, ${colorScheme}`);
      }
    } finally {
      await browser.close();
      site.close();
    }
  });

  test('the report of experiments and the report of a backtest', async () => {
    const series = {
      controller: 'sluice jobs',
      at: [0, 60],
      arrivals: [1, 2],
      backlog: [1, 2],
      desired: [1, 2],
      running: [1, 2],
      wait: [1, 2],
      decisions: [{ at: 60, from: 1, to: 2, because: 'more' }],
    };
    const result = {
      controller: 'sluice jobs',
      settings: 'step',
      jobs: 9,
      withinTarget: 1,
      wait: { p50: 1, p95: 1, p99: 1, max: 1 },
      workerHours: 1,
      lowerBoundHours: 1,
      scaleActions: 1,
      reversals: 0,
      redelivered: 0,
      busyKills: 0,
      peakBacklog: 2,
    };
    const bill = { pricePerWorkerHour: 0.1, leastHours: 1 };
    const documents = [
      reportHtml(
        (['passed', 'failed', 'aborted', 'inconclusive'] as const).map((verdict) => ({
          policy: 'jobs',
          run: { ...RUN, id: verdict, verdict },
        })),
      ),
      backtestPage({ trace: 'a trace', plant: { seed: 1 }, results: [result], series: [series], bill, target: 60 }),
    ];
    const browser = await launch();
    try {
      for (const text of documents)
        for (const colorScheme of ['light', 'dark'] as const) {
          const page = await (await browser.newContext({ colorScheme })).newPage();
          await page.setContent(text);
          for (const details of await page.locator('summary').all()) await details.click();
          assert.deepEqual(await violations(page), [], `${text.slice(0, 60)}, ${colorScheme}`);
        }
    } finally {
      await browser.close();
    }
  });

  test('the report of a backtest says what each line, axis and column is', async () => {
    const series = {
      ...{
        controller: 'sluice jobs',
        at: [0, 60],
        arrivals: [1, 2],
        backlog: [1, 2],
        desired: [1, 2],
        running: [1, 2],
      },
      ...{ wait: [1, 2], decisions: [] },
    };
    const bill = { pricePerWorkerHour: 0.1, leastHours: 1 };
    const browser = await launch();
    try {
      const page = await (await browser.newContext()).newPage();
      await page.setContent(backtestPage({ trace: 'a', plant: {}, results: [], series: [series], bill, target: 60 }));
      await page.getByText('target: 60 s', { exact: true }).waitFor();
      await page.getByText('sluice jobs, running').waitFor();
      for (const unit of ['messages a second', 'messages', 'workers', 'seconds'])
        await page.locator('.unit').getByText(unit, { exact: true }).waitFor();
      await page.getByText('What the columns mean').click();
      for (const column of await page.locator('th[scope=col]').allTextContents())
        await page.locator('dt').getByText(column, { exact: true }).waitFor();
    } finally {
      await browser.close();
    }
  });
}

test.run();
