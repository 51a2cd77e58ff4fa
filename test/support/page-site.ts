/** The page over policies that a test makes up, without AWS and without a loop. */
import assert from 'node:assert/strict';
import type { Live } from '../../reconciler/http/live.ts';
import { listen } from '../../reconciler/http/server.ts';
import { Board } from '../../reconciler/report/board.ts';
import { Histories } from '../../reconciler/report/history.ts';
import { createLogger } from '../../reconciler/report/log.ts';
import { Metrics } from '../../reconciler/report/metrics.ts';
import { type Report, reportTo } from '../../reconciler/report/reporter.ts';
import { ReporterGuard } from '../../reconciler/report/reporter-guard.ts';
import { Timeline } from '../../reconciler/report/timeline.ts';
import { completed, type Settings } from '../../reconciler/settings.ts';

export interface PageSite {
  url: string;
  live: Live;
  /** Tells an event of the loop. */
  report: (event: Report['event']) => Report;
  close: () => void;
}

/** Serves the page. `more` replaces parts of what it may know and ask. */
export async function pageSite(more: Partial<Live> = {}, settings: Partial<Settings> = {}): Promise<PageSite> {
  const board = new Board();
  const timeline = new Timeline();
  const histories = new Histories();
  const metrics = new Metrics();
  const guard = new ReporterGuard(createLogger('silent'), metrics.onReporterError);
  const live: Live = {
    board,
    timeline,
    histories,
    guard,
    lookedAt: Date.now,
    polledAt: Date.now,
    watchFailure: () => undefined,
    leadership: () => ({ id: 'test/1', role: 'single' as const }),
    versions: async () => ({ ok: true as const, versions: [] }),
    request: async () => assert.fail('nothing asks'),
    ...more,
  };
  const { url, stream, close } = await listen(live, metrics.registry, completed({ port: 0, ...settings }, true));
  return { url, live, report: reportTo(board, [histories, timeline, stream], guard), close };
}
