/** Takes docs/images/dashboard.png from a real tour, some two minutes in: npm run docs:screenshot. Needs Chromium. */
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { until } from '../support/until.ts';
import { startUp } from '../support/up.ts';

const file = fileURLToPath(new URL('../../docs/images/dashboard.png', import.meta.url));
mkdirSync(dirname(file), { recursive: true });
const up = await startUp({ scenario: 'tour' });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
try {
  const url = await until('the page', () => urlOf(up.cwd), 20_000, up.output);
  const page = await browser.newPage({ viewport: { width: 1180, height: 980 }, colorScheme: 'dark' });
  await page.goto(`${url}/#/p/demo`);
  // The partition is over, and its report is there.
  await page.locator('details', { hasText: 'cut-off' }).getByText('passed').first().waitFor({ timeout: 180_000 });
  // The chart is drawn again within half a second.
  await page.waitForTimeout(1_000);
  await page.screenshot({ path: file });
} finally {
  await browser.close();
  await up.cleanUp();
}

function urlOf(cwd: string): string | undefined {
  return /"url":"(http:[^"]+)"/.exec(readFileSync(join(cwd, '.sluice', 'sluice.log'), 'utf8'))?.[1];
}
