/** Injects failures of the endpoint itself, so that clients can be tried against an AWS that misbehaves. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError, type Input, type Principal } from './service.ts';

/**
 * An error to answer with; `reset` the connection; `hang` until the client gives up; `html500`, the page that load
 * balancers send; or a delay in milliseconds before the true answer.
 */
export type Fault = AwsError | 'reset' | 'hang' | 'html500' | { delayMs: number };

export type FaultHook = (call: {
  service: string;
  action: string;
  input: Input;
  principal: Principal;
}) => Fault | undefined;

type After = (ms: number, fn: () => void) => () => void;

/** Waits for `ms` milliseconds, or until `signal` aborts. */
function sleep(ms: number, signal: AbortSignal, after: After): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = after(ms, done);
    signal.addEventListener('abort', done);
  });
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/**
 * Injects a fault. Returns true if the call is over; false if it goes on (after a delay).
 * @throws AwsError when that is the fault
 */
export async function injectFault(
  fault: Fault,
  req: IncomingMessage,
  res: ServerResponse,
  signal: AbortSignal,
  clock: { after: After },
): Promise<boolean> {
  if (fault instanceof AwsError) throw fault;
  if (fault === 'reset') {
    req.socket.resetAndDestroy();
    return true;
  }
  if (fault === 'hang') {
    await aborted(signal);
    return true;
  }
  if (fault === 'html500') {
    res.writeHead(500, { 'content-type': 'text/html' });
    res.end('<html><body><h1>500 Internal Server Error</h1></body></html>');
    return true;
  }
  await sleep(fault.delayMs, signal, clock.after.bind(clock));
  return false;
}
