import { json, type Request, type Response, Router } from 'express';
import { didYouMean } from '../../policies/grammar/suggest.ts';
import { classify } from '../aws/errors.ts';
import type { PolicyView } from '../report/board.ts';
import type { Settings } from '../settings.ts';
import { mayWrite, writesAllowed } from './guard.ts';
import type { Live } from './live.ts';
import { stream } from './stream.ts';
import { detailOf, entryLine, summaryOf } from './views.ts';

type Named = Request<{ name: string }>;

/** What the page and scripts read; but for versions, all of it is what the process holds, and nothing is asked of AWS. */
export function api(live: Live, settings: Settings): Router {
  const router = Router();
  router.get('/policies', (_request, response) => {
    response.json({
      policies: [...live.board.policies.values()].map((view) => summaryOf(view, live.histories.get(view.name))),
    });
  });
  router.get('/policies/:name', (request: Named, response) =>
    withView(live, request, response, (view) =>
      response.json({ ...detailOf(view, live, Date.now()), writes: writesAllowed(settings, request) }),
    ),
  );
  router.get('/policies/:name/history', (request: Named, response) =>
    withView(live, request, response, ({ name }) => {
      const since = Number(request.query.since ?? 0);
      response.json(live.histories.get(name)?.columns(Number.isFinite(since) ? since : 0) ?? { at: [] });
    }),
  );
  router.get('/policies/:name/timeline', (request: Named, response) =>
    withView(live, request, response, ({ name }) =>
      response.json({ entries: live.timeline.entries(name).map(entryLine) }),
    ),
  );
  router.get('/policies/:name/timeline/:id', (request: Request<{ name: string; id: string }>, response) => {
    const entry = live.timeline.find(request.params.name, Number(request.params.id));
    if (entry) response.json(entry.record);
    else response.status(404).json({ error: 'this decision is not kept any more; the log has it' });
  });
  router.get('/policies/:name/versions', (request: Named, response) =>
    withView(live, request, response, async ({ name, generation, text = '' }) => {
      try {
        response.json({ versions: await live.versions(name) });
      } catch (error) {
        const { message, hint } = classify(error, 'ssm:GetParameterHistory');
        const versions = [{ version: generation, text, modified: 0 }];
        response.json({ versions, problem: message, ...(hint ? { hint } : {}) });
      }
    }),
  );
  router.get('/events', (request, response) => stream(live, request, response));
  router.post('/policies/:name/experiments', mayWrite(settings), json({ limit: '10kb' }), (request: Named, response) =>
    withView(live, request, response, ({ name }) => ask(live, name, request, response)),
  );
  return router;
}

/** `{ "action": "run" | "stop", "experiment": NAME }`: 200 with the answer, whether it was accepted or not. */
async function ask(live: Live, name: string, request: Named, response: Response): Promise<void> {
  const { action, experiment } = (request.body ?? {}) as { action?: unknown; experiment?: unknown };
  const valid =
    (action === 'run' && typeof experiment === 'string') ||
    (action === 'stop' && (experiment === undefined || typeof experiment === 'string'));
  if (!valid) {
    response.status(400).json({ error: 'give action ("run" or "stop") and, to run, an experiment' });
    return;
  }
  try {
    const what = { action: action as 'run' | 'stop', by: 'the page' };
    response.json(
      await live.request(name, experiment === undefined ? what : { ...what, experiment: String(experiment) }),
    );
  } catch {
    response.status(504).json({ error: 'the policy gave no answer in time; look at its last decision' });
  }
}

function withView(live: Live, request: Named, response: Response, answer: (view: PolicyView) => unknown): unknown {
  const { name } = request.params;
  const view = live.board.policies.get(name);
  if (view) return answer(view);
  return response
    .status(404)
    .json({ error: `no policy ${name}; ${didYouMean(name, [...live.board.policies.keys()])}` });
}
