import type { Response } from 'express';
import { deletedBy, type Report, type Reporter } from '../report/reporter.ts';
import type { Live } from './live.ts';
import { entryLine, summaryOf } from './views.ts';

/** More readers than this are refused: each costs a connection and a copy of every change. */
export const MOST_READERS = 100;
/** A reader that does not read is dropped at this many bytes, instead of buffering for it without end. */
const MOST_BUFFERED = 4_000_000;
/** Changes are gathered for this long: a thousand policies are one write, and still seen within a second. */
const GATHER_MS = 200;
const HEARTBEAT_MS = 15_000;

type Line = { policy: string; entry: ReturnType<typeof entryLine> };

/**
 * Tells the page what changes, by server-sent events. `policies`: each summary that changed, at first all of them.
 * `entries`: new lines of timelines, with their policy. `deleted`: names. `reconciler`: who leads.
 */
export class PageStream implements Reporter {
  readonly name = 'page';
  readonly keeps = 'the page';
  readonly #live: Live;
  readonly #readers = new Set<Response>();
  readonly #changed = new Set<string>();
  #entries: Line[] = [];
  #deleted: string[] = [];
  #timers: NodeJS.Timeout[] = [];
  /** The role that readers were told last. */
  #role: string | undefined;

  constructor(live: Live) {
    this.#live = live;
  }

  /** Sends everything to a new reader, and then each change. Answers 503 when there are too many readers. */
  open(response: Response): void {
    if (this.#readers.size >= MOST_READERS) {
      response
        .status(503)
        .set('retry-after', '10')
        .json({
          error: `${MOST_READERS} pages are open already; close one, or read /api/policies instead`,
        });
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    // A write to a reader that has just gone is an error event.
    for (const end of ['close', 'error']) response.on(end, () => this.#drop(response));
    // Also when there is no policy: it tells a page that comes back what is gone.
    response.write(message('policies', this.#summaries(this.#live.board.policies.keys())));
    response.write(message('reconciler', this.#live.leadership()));
    this.#readers.add(response);
    if (this.#readers.size === 1) this.#start();
  }

  report(report: Report): void {
    if (this.#readers.size === 0) return;
    const { event, view } = report;
    const deleted = deletedBy(report);
    if (deleted === undefined) this.#changed.add(view.name);
    else this.#deleted.push(deleted);
    const entry = event.kind === 'tick' ? this.#live.timeline.entryOf(event) : undefined;
    if (entry) this.#entries.push({ policy: view.name, entry: entryLine(entry) });
  }

  /** Ends every reader's stream. */
  close(): void {
    for (const reader of [...this.#readers]) {
      reader.end();
      this.#drop(reader);
    }
  }

  #start(): void {
    this.#timers = [
      setInterval(() => this.#live.guard.attempt(this, () => this.#flush()), GATHER_MS).unref(),
      // With the leader's last sign of life, so that a page knows of a dead one.
      setInterval(() => this.#tellLeadership(), HEARTBEAT_MS).unref(),
    ];
  }

  #drop(reader: Response): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#takeGathered();
  }

  #flush(): void {
    if (this.#live.leadership().role !== this.#role) this.#tellLeadership();
    const { changed, entries, deleted } = this.#takeGathered();
    const summaries = this.#summaries(changed);
    // The text is made once for all readers.
    if (summaries.length > 0) this.#send(message('policies', summaries));
    if (entries.length > 0) this.#send(message('entries', entries));
    if (deleted.length > 0) this.#send(message('deleted', deleted));
  }

  #tellLeadership(): void {
    const leadership = this.#live.leadership();
    this.#role = leadership.role;
    this.#send(message('reconciler', leadership));
  }

  #takeGathered(): { changed: string[]; entries: Line[]; deleted: string[] } {
    const taken = { changed: [...this.#changed], entries: this.#entries, deleted: this.#deleted };
    this.#changed.clear();
    this.#entries = [];
    this.#deleted = [];
    return taken;
  }

  #summaries(names: Iterable<string>): object[] {
    const { board, histories } = this.#live;
    const views = [...names].flatMap((name) => board.policies.get(name) ?? []);
    return views.map((view) => summaryOf(view, histories.get(view.name)));
  }

  #send(text: string): void {
    for (const reader of [...this.#readers]) {
      if (reader.writableLength <= MOST_BUFFERED) {
        reader.write(text);
        continue;
      }
      this.#drop(reader);
      reader.destroy();
    }
  }
}

const message = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
