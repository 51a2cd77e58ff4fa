/** Opens pages in a real browser, and fails on any console error, any broken CSP, and any request to somewhere else. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CHROMIUM } from './tools.ts';

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

/** Starts the system's Chromium; a test skips itself before when there is none. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ ...(CHROMIUM ? { executablePath: CHROMIUM } : {}), args: ARGS });

/** Opens an address. `trouble` gathers what a page must never do. */
export async function open(
  browser: Browser,
  url: string,
  options: object = {},
): Promise<{ page: Page; trouble: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const trouble: string[] = [];
  const home = new URL(url).origin;
  page.on('console', (m) => m.type() === 'error' && trouble.push(`console: ${m.text()}`));
  page.on('pageerror', (e) => trouble.push(`page: ${e.message}`));
  page.on(
    'request',
    (r) => !r.url().startsWith(home) && !r.url().startsWith('data:') && trouble.push(`request: ${r.url()}`),
  );
  await page.goto(url);
  return { page, trouble };
}

/** Saves the whole page under .sluice/screenshots, to be looked at. */
export function shot(page: Page, name: string): Promise<Buffer> {
  mkdirSync(SHOTS, { recursive: true });
  return page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}
