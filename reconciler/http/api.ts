import { type Request, type Response, Router } from 'express';
import { didYouMean } from '../../policies/suggest.ts';
import type { Live } from '../live.ts';
import type { PolicyView } from '../report/board.ts';

/** What the page and scripts read. Every answer is what the board holds; nothing is asked of AWS here. */
export function api(live: Live): Router {
  const router = Router();
  router.get('/policies', (_request, response) => {
    response.json({ policies: [...live.board.policies.values()].map(summaryOf) });
  });
  router.get('/policies/:name', (request: Request<{ name: string }>, response) => {
    const view = live.board.policies.get(request.params.name);
    if (view) response.json({ ...summaryOf(view), text: view.text, last: view.last });
    else
      response.status(404).json({
        error: `no policy ${request.params.name}; ${didYouMean(request.params.name, [...live.board.policies.keys()])}`,
      });
  });
  router.get('/events', (request, response) => stream(live, request, response));
  return router;
}

export function summaryOf({ name, generation, refused, last }: PolicyView) {
  const { service, queue, age } = last?.decision.observation ?? {};
  return {
    name,
    generation,
    ...(refused ? { refused: { version: refused.version, problems: refused.problems } } : {}),
    ...(last
      ? {
          at: last.decision.at,
          outcome: last.decision.outcome,
          summary: last.decision.summary,
          mode: last.decision.mode,
        }
      : {}),
    ...(service?.ok ? { workers: service.value } : {}),
    ...(queue?.ok ? { queue: queue.value } : {}),
    ...(age?.ok && age.value ? { oldestAge: age.value } : {}),
    alerts: last?.decision.alerts.filter((a) => a.firing) ?? [],
  };
}

/** Server-sent events: one `policy` event for each change of a policy, a comment now and then to keep proxies awake. */
function stream(live: Live, request: Request, response: Response): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const send = (name: string, data: unknown): void => {
    // A reader that does not read is dropped rather than buffered for without end.
    if (response.writableLength > 1_000_000) response.destroy();
    else response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  for (const view of live.board.policies.values()) send('policy', summaryOf(view));
  const subscription = live.events$.subscribe({
    next: ({ event, view }) =>
      event.kind === 'spec' && event.change.kind === 'deleted'
        ? send('deleted', { name: view.name })
        : send('policy', summaryOf(view)),
    complete: () => response.end(),
  });
  const heartbeat = setInterval(() => response.write(': alive\n\n'), 15_000);
  heartbeat.unref();
  request.on('close', () => {
    subscription.unsubscribe();
    clearInterval(heartbeat);
  });
}
