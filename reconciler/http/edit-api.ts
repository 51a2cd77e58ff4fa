import { json, type Request, type Response, Router } from 'express';
import { z } from 'zod';
import { policyJsonSchema } from '../../policies/document/schema.ts';
import { formatDuration, parseDuration } from '../../policies/grammar/duration.ts';
import { LONGEST_REASON } from '../../policies/grammar/size.ts';
import { acts } from '../lead/leadership.ts';
import { aheadOf, validated } from './ahead.ts';
import type { Edits } from './edits.ts';
import { mayWrite, type WriteSettings } from './guard.ts';
import type { Live } from './live.ts';

type Named = Request<{ name: string }>;

/** A document has at most 8 KB; JSON may write each byte of it as six. */
const BODY = { limit: '60kb' };
/** CloudWatch keeps points of one minute for 15 days. */
const [SHORTEST_PAST_MS, LONGEST_PAST_MS] = [120_000, 15 * 86_400_000];

const text = z.string().max(20_000);
const bodies = {
  text: z.object({ text }),
  backtest: z.object({ text, past: z.string() }),
  edit: z.object({ text, ifVersion: z.int().min(0), reason: z.string().max(LONGEST_REASON).default('') }),
};

/** Returns the part of the API that an edit needs. Only storing a text is a write; the rest reads and computes. */
export function editApi(live: Live, edits: Edits, settings: WriteSettings): Router {
  const router = Router();
  const body = json(BODY);
  router.get('/schema', (_request, response) => response.json(policyJsonSchema()));
  router.post('/policies/:name/validate', body, (request: Named, response) =>
    withBody(bodies.text, request, response, (given) => response.json(validated(given.text, request.params.name))),
  );
  router.post('/policies/:name/ahead', body, (request: Named, response) =>
    withBody(bodies.text, request, response, async (given) => {
      const { name } = request.params;
      const { generation, text: before } = live.board.view(name);
      const ahead = await aheadOf({ name, generation, before, after: given.text }, edits.records(name));
      if (ahead) response.json(ahead);
      else response.status(422).json({ error: 'the text is not a valid document; see /validate' });
    }),
  );
  router.post('/policies/:name/edits', mayWrite(settings), body, (request: Named, response) =>
    withBody(bodies.edit, request, response, (edit) => store(live, edits, request.params.name, edit, response)),
  );
  router.post('/policies/:name/backtests', mayWrite(settings), body, (request: Named, response) =>
    withBody(bodies.backtest, request, response, (given) =>
      backtest(live, edits, request.params.name, given, response),
    ),
  );
  router.get('/backtests/:id', (request: Request<{ id: string }>, response) => {
    const found = edits.backtest(request.params.id);
    if (found) response.json(found);
    else response.status(404).json({ error: 'this backtest is no longer kept; start another one' });
  });
  router.post('/backtests/:id/cancel', mayWrite(settings), body, (request: Request<{ id: string }>, response) => {
    edits.cancelBacktest(request.params.id);
    response.json({ cancelled: true });
  });
  return router;
}

async function withBody<T>(
  schema: z.ZodType<T>,
  request: Request,
  response: Response,
  answer: (given: T) => unknown,
): Promise<void> {
  const given = schema.safeParse(request.body);
  if (given.success) await answer(given.data);
  else {
    const [issue] = given.error.issues;
    response.status(400).json({ error: `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not as expected'}` });
  }
}

async function store(
  live: Live,
  edits: Edits,
  name: string,
  edit: z.output<typeof bodies.edit>,
  response: Response,
): Promise<void> {
  const checked = validated(edit.text, name);
  if (!checked.ok) {
    response.status(422).json({ error: 'the text is not a valid document; nothing was stored', ...checked });
    return;
  }
  const { role, leader } = live.leadership();
  if (!acts(role)) {
    const error = `this reconciler stands by; ${leader ? `${leader.id} leads: edit there` : 'nobody leads at this moment'}`;
    response.status(409).json({ error });
    return;
  }
  const stored = await edits.store(name, edit);
  if (stored.kind === 'stored') response.json(stored);
  else if (stored.kind === 'conflict') {
    const error = stored.now
      ? `version ${stored.now.version} was stored meanwhile; nothing was stored`
      : 'the policy was deleted meanwhile; nothing was stored';
    response.status(409).json({ error, ...stored });
  } else {
    const { message, hint } = stored.failure;
    response.status(502).json({ error: `nothing was stored: ${message}${hint ? ` (${hint})` : ''}` });
  }
}

function backtest(
  live: Live,
  edits: Edits,
  policy: string,
  given: z.output<typeof bodies.backtest>,
  response: Response,
): void {
  const past = parseDuration(given.past);
  if (past === undefined || past < SHORTEST_PAST_MS || past > LONGEST_PAST_MS) {
    const range = `${formatDuration(SHORTEST_PAST_MS)} to ${formatDuration(LONGEST_PAST_MS)}`;
    response.status(400).json({ error: `past: give a duration from ${range}` });
    return;
  }
  if (!validated(given.text, policy).ok) {
    response.status(422).json({ error: 'the text is not a valid document; see /validate' });
    return;
  }
  const view = live.board.view(policy);
  const workers = view.last?.decision.current ?? 1;
  const started = edits.startBacktest({ policy, before: view.text, after: given.text, past, workers });
  if (started) response.status(202).json(started);
  else response.status(409).json({ error: 'another backtest runs; wait until it ends, or cancel it' });
}
