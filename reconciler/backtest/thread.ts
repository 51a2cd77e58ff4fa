/** Runs the backtest of an edit in a thread, so that the reconciler's loop goes on meanwhile. */
import { Worker } from 'node:worker_threads';
import type { EditRequest, EditResult } from './edit.ts';

/** Messages of the thread. */
export type ThreadMessage =
  | { kind: 'progress'; share: number }
  | { kind: 'done'; result: EditResult }
  | { kind: 'failed'; message: string };

export interface Running {
  /** Settles with the result; rejects when the thread fails or is cancelled. */
  result: Promise<EditResult>;
  cancel: () => void;
}

/** A simulation above this many megabytes ends with an error instead of taking the reconciler down. */
const MOST_MB = 512;

/** The thread's file stands beside the bundle; a thread cannot be started from a source in TypeScript. */
const file = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/edit-thread.js' : './edit-thread.js',
  import.meta.url,
);

/** Starts the thread. `report` gets the share that is done, 0 to 1. */
export function startEditBacktest(request: EditRequest, report: (share: number) => void): Running {
  const worker = new Worker(file, { workerData: request, resourceLimits: { maxOldGenerationSizeMb: MOST_MB } });
  worker.unref();
  const result = new Promise<EditResult>((resolve, reject) => {
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'progress') report(message.share);
      else if (message.kind === 'done') resolve(message.result);
      else reject(new Error(message.message));
    });
    worker.on('error', reject);
    worker.on('exit', () => reject(new Error('the backtest was cancelled')));
  });
  return { result, cancel: () => void worker.terminate() };
}
