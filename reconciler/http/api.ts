import { json, type Request, type Response, Router } from 'express';
import { didYouMean } from '../../policies/grammar/suggest.ts';
import { acts } from '../lead/leadership.ts';
import type { PolicyView } from '../report/board.ts';
import { editApi } from './edit-api.ts';
import { mayWrite, type WriteSettings, writesAllowed } from './guard.ts';
import type { Asked, Live } from './live.ts';
import type { PageStream } from './stream.ts';
import { detailOf, entryLine, summaryOf } from './views.ts';

type Named = Request<{ name: string }>;

/** Returns the API of the page and of scripts. It answers from what the process holds; only versions are read from AWS. */
export function api(live: Live, stream: PageStream, settings: WriteSettings): Router {
  const router = Router();
  router.get('/policies', (_request, response) => {
    response.json({
      reconciler: live.leadership(),
      policies: [...live.board.policies.values()].map((view) => summaryOf(view, live.histories.get(view.name))),
    });
  });
  router.get('/policies/:name', (request: Named, response) =>
    withView(live, request, response, (view) =>
      response.json({
        ...detailOf(view, live, Date.now()),
        writes: writesOn(live, settings, request),
        editable: live.edits !== undefined,
      }),
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
    else response.status(404).json({ error: 'this decision is no longer kept here; the log has it' });
  });
  router.get('/policies/:name/versions', (request: Named, response) =>
    withView(live, request, response, async ({ name, generation, text = '' }) => {
      const stored = await live.versions(name);
      if (stored.ok) response.json({ versions: stored.versions });
      else {
        const { message: problem, hint } = stored.failure;
        response.json({ versions: [{ version: generation, text, modified: 0 }], problem, ...(hint ? { hint } : {}) });
      }
    }),
  );
  if (live.edits) router.use(editApi(live, live.edits, settings));
  router.get('/events', (_request, response) => stream.open(response));
  router.post('/policies/:name/experiments', mayWrite(settings), json({ limit: '10kb' }), (request: Named, response) =>
    withView(live, request, response, ({ name }) => ask(live, name, request, response)),
  );
  return router;
}

/** Answers `{ "action": "run" | "stop", "experiment": NAME }` with 200 and the policy's answer, accepted or not. */
async function ask(live: Live, name: string, request: Named, response: Response): Promise<void> {
  const { role, leader } = live.leadership();
  if (!acts(role)) {
    const error = `this reconciler stands by; ${leader ? `${leader.id} leads: ask there` : 'nobody leads at this moment'}`;
    response.status(409).json({ error });
    return;
  }
  const asked = askedIn(request.body);
  if (!asked) {
    response.status(400).json({ error: 'give "action": "run" or "stop"; to run, also "experiment": its name' });
    return;
  }
  try {
    response.json(await live.request(name, { ...asked, by: 'the page' }));
  } catch {
    response.status(504).json({ error: 'the policy gave no answer within 15 s; look at its last decision' });
  }
}

/** Returns what a body asks for; undefined when it is nothing that can be asked. */
function askedIn(body: unknown): Asked | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { action, experiment }: { action?: unknown; experiment?: unknown } = body;
  if (action !== 'run' && action !== 'stop') return undefined;
  if (typeof experiment === 'string') return { action, experiment };
  return action === 'stop' && experiment === undefined ? { action } : undefined;
}

/** Returns how somebody may write; a standby takes no writes. */
const writesOn = (live: Live, settings: WriteSettings, request: Request): ReturnType<typeof writesAllowed> =>
  acts(live.leadership().role) ? writesAllowed(settings, request) : 'no';

function withView(live: Live, request: Named, response: Response, answer: (view: PolicyView) => unknown): unknown {
  const { name } = request.params;
  const view = live.board.policies.get(name);
  if (view) return answer(view);
  return response
    .status(404)
    .json({ error: `no policy ${name}; ${didYouMean(name, [...live.board.policies.keys()])}` });
}
