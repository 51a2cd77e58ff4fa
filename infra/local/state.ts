/**
 * The state folder: one JSON file for each service, written soon after a change and whole or not at all.
 *
 * A crash can lose what changed in the last moments, never more: a file is written beside the old one, forced to disk,
 * and then takes its name.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Persistent } from './service.ts';

/** Changes within this time are written together. */
const COALESCE_MS = 200;
/** Writing may take this share of the time at most, however much there is to write. */
const BUSY_SHARE = 0.05;
/** After a failed write, e.g. on a full disk. */
const RETRY_MS = 2_000;

const FORMAT = 1;

export interface StateOptions {
  /** Made if it does not exist. It may hold secrets (parameters), so only its owner may look inside. */
  folder: string;
  onProblem(message: string, error?: unknown): void;
}

/** @throws Error that names the file and says what to do */
function readState(path: string): unknown {
  const advice = 'Mend it, or move it away to start without it.';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`The state file ${path} cannot be read: ${(error as Error).message}. ${advice}`, { cause: error });
  }
  try {
    const content = JSON.parse(text);
    if (content?.format !== FORMAT) throw new Error(`its format is not ${FORMAT}`);
    return content.state;
  } catch (error) {
    throw new Error(`The state file ${path} is damaged: ${(error as Error).message}. ${advice}`, { cause: error });
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

class StateFile {
  readonly #service: Persistent;
  readonly #path: string;
  readonly #onProblem: StateOptions['onProblem'];
  #dirty = false;
  #failing = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #lastTook = 0;

  constructor(service: Persistent, path: string, onProblem: StateOptions['onProblem']) {
    this.#service = service;
    this.#path = path;
    this.#onProblem = onProblem;
    const state = readState(path);
    if (state !== undefined) this.#restore(state);
    service.onChange(() => this.#touch());
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    if (this.#dirty) await this.#write();
  }

  #restore(state: unknown): void {
    try {
      this.#service.restore(state);
    } catch (error) {
      const why = (error as Error).message;
      const advice = 'Mend it, or move it away to start without it.';
      throw new Error(`The state file ${this.#path} is damaged: ${why}. ${advice}`, { cause: error });
    }
  }

  #touch(): void {
    this.#dirty = true;
    this.#schedule(Math.max(COALESCE_MS, this.#lastTook / BUSY_SHARE));
  }

  #schedule(ms: number): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    }, ms);
    this.#timer.unref();
  }

  /** Never rejects: a full disk must not end the program, and what could not be written is tried again. */
  async #write(): Promise<void> {
    const started = performance.now();
    this.#dirty = false;
    try {
      await writeWhole(this.#path, JSON.stringify({ format: FORMAT, state: this.#service.snapshot() }));
      this.#failing = false;
    } catch (error) {
      this.#dirty = true;
      // Once is enough while it lasts.
      if (!this.#failing) this.#onProblem(`State could not be written to ${this.#path}; will keep trying.`, error);
      this.#failing = true;
      this.#schedule(RETRY_MS);
    }
    this.#lastTook = performance.now() - started;
  }
}

export interface StateFolder {
  /** Writes what is not written yet; to be called once nothing changes any more. */
  close(): Promise<void>;
}

/** Restores each service from its file, and keeps the files up to date. @throws Error for a damaged file or folder */
export async function openState(services: readonly Persistent[], options: StateOptions): Promise<StateFolder> {
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    await chmod(options.folder, 0o700);
  } catch (error) {
    const why = (error as Error).message;
    throw new Error(`The state folder ${options.folder} cannot be used: ${why}.`, { cause: error });
  }
  const files = services.map(
    (service) => new StateFile(service, join(options.folder, `${service.stateName}.json`), options.onProblem),
  );
  return {
    close: async () => {
      for (const file of files) await file.flush();
    },
  };
}
