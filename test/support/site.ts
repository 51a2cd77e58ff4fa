import assert from 'node:assert/strict';
import type { Live } from '../../reconciler/http/live.ts';
import { type HttpSettings, listen } from '../../reconciler/http/server.ts';
import { Board } from '../../reconciler/report/board.ts';
import { Histories } from '../../reconciler/report/history.ts';
import { createLogger } from '../../reconciler/report/log.ts';
import { Metrics } from '../../reconciler/report/metrics.ts';
import { reportTo } from '../../reconciler/report/reporter.ts';
import { ReporterGuard } from '../../reconciler/report/reporter-guard.ts';
import { Timeline } from '../../reconciler/report/timeline.ts';

const SETTINGS: HttpSettings = {
  host: '127.0.0.1',
  port: 0,
  allowedHosts: [],
  pollInterval: 1_000,
  token: undefined,
  localWrites: false,
};

/** Starts HTTP over a board without policies. `report` tells it events of the loop. */
export async function siteWith(settings: Partial<HttpSettings> = {}, more: Partial<Live> = {}) {
  const metrics = new Metrics();
  const live: Live = {
    board: new Board(),
    timeline: new Timeline(),
    histories: new Histories(),
    guard: new ReporterGuard(createLogger('silent'), metrics.onReporterError),
    lookedAt: Date.now,
    polledAt: Date.now,
    watchFailure: () => undefined,
    leadership: () => ({ id: 'test/1', role: 'single' }),
    versions: async () => ({ ok: true, versions: [] }),
    request: async () => assert.fail('nothing asks'),
    ...more,
  };
  const site = await listen(live, metrics.registry, { ...SETTINGS, ...settings });
  const report = reportTo(live.board, [metrics, site.stream], live.guard);
  return { ...site, live, metrics, report };
}
