import type { Request, Response } from 'express';
import type { Live, LiveEvent } from './live.ts';
import { entryLine, summaryOf } from './views.ts';

/** A reader that does not read is dropped at this many bytes rather than buffered for without end. */
const MOST_BUFFERED = 4_000_000;
/** Changes are gathered for so long: a thousand policies are one write, and still live within a second. */
const GATHER_MS = 200;
const HEARTBEAT_MS = 15_000;

/**
 * Server-sent events. `policies`: every summary that changed, first all of them. `entries`: new lines of timelines, by
 * policy. `deleted`: names.
 */
export function stream(live: Live, request: Request, response: Response): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const changed = new Set<string>(live.board.policies.keys());
  let entries: { policy: string; entry: ReturnType<typeof entryLine> }[] = [];
  let deleted: string[] = [];

  const send = (name: string, data: unknown): void => {
    if (response.writableLength > MOST_BUFFERED) response.destroy();
    else response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const flush = (): void => {
    const views = [...changed].flatMap((name) => live.board.policies.get(name) ?? []);
    if (views.length > 0)
      send(
        'policies',
        views.map((v) => summaryOf(v, live.histories.get(v.name))),
      );
    if (entries.length > 0) send('entries', entries);
    if (deleted.length > 0) send('deleted', deleted);
    changed.clear();
    entries = [];
    deleted = [];
  };
  const note = ({ event, view, entry }: LiveEvent): void => {
    if (event.kind === 'spec' && event.change.kind === 'deleted') deleted.push(view.name);
    else changed.add(view.name);
    if (entry) entries.push({ policy: view.name, entry: entryLine(entry) });
  };

  flush();
  const subscription = live.events$.subscribe({ next: note, complete: () => response.end() });
  const gather = setInterval(flush, GATHER_MS);
  const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT_MS);
  heartbeat.unref();
  gather.unref();
  request.on('close', () => {
    subscription.unsubscribe();
    clearInterval(gather);
    clearInterval(heartbeat);
  });
}
