/** The thread's own program: one backtest, progress while it runs, and the result. */
import { parentPort, workerData } from 'node:worker_threads';
import { backtestEdit, type EditRequest } from './edit.ts';
import type { ThreadMessage } from './thread.ts';

const tell = (message: ThreadMessage): void => parentPort?.postMessage(message);
let told = 0;

try {
  const result = backtestEdit(workerData as EditRequest, (share) => {
    if (share < told + 0.01) return;
    told = share;
    tell({ kind: 'progress', share });
  });
  tell({ kind: 'done', result });
} catch (error) {
  tell({ kind: 'failed', message: (error as Error).message });
}
