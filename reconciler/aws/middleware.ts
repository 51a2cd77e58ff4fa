/** The SDK middleware of every client: it counts calls, renews credentials, and limits rate and time. */
import {
  type FinalizeRequestMiddleware,
  type HandlerExecutionContext,
  type InitializeMiddleware,
  type MiddlewareStack,
  SMITHY_CONTEXT_KEY,
} from '@smithy/types';
import { actionName, isRead } from './action-name.ts';
import { classify, isExpired } from './errors.ts';
import type { TokenBucket } from './rate-limit.ts';

/** Hears of each call once, when it has ended. `error` is the code of its failure. */
export type CallListener = (call: { action: string; seconds: number; error?: string }) => void;

export interface Guards {
  listener: CallListener;
  /** Called right before each attempt of a write is sent. Throws to refuse it. */
  beforeWrite: (action: string) => void;
  /** Looks for new credentials, past every cache. */
  renewCredentials: () => Promise<unknown>;
  buckets: ReadonlyMap<string, TokenBucket>;
  /** Longest time of one attempt in all, in milliseconds. */
  attemptTimeout: number;
}

const RATE_LIMIT = 'sluiceRateLimit';

/** Adds the guards to a client. Counting and renewal wrap a call with all its attempts; the limits wrap each attempt. */
export function guard<I extends object, O extends object>(stack: MiddlewareStack<I, O>, guards: Guards): void {
  const { listener, beforeWrite, renewCredentials, buckets, attemptTimeout } = guards;
  stack.add(countCalls(listener), { step: 'initialize', priority: 'high', name: 'sluiceCount' });
  stack.add(retryRenewed(renewCredentials), { step: 'initialize', priority: 'low', name: 'sluiceCredentials' });
  stack.addRelativeTo(limitRate(buckets), { relation: 'after', toMiddleware: 'retryMiddleware', name: RATE_LIMIT });
  stack.addRelativeTo(limitTime(attemptTimeout), {
    relation: 'after',
    toMiddleware: RATE_LIMIT,
    name: 'sluiceTimeLimit',
  });
  // After signing, which may wait for credentials: nothing that takes long lies between this check and the request.
  stack.addRelativeTo(checkWrites(beforeWrite), {
    relation: 'after',
    toMiddleware: 'httpSigningMiddleware',
    name: 'sluiceWriteCheck',
  });
}

/** Runs `check` before each attempt of a command, after its wait for the rate limit. What it throws ends the call. */
export function beforeEachAttempt<I extends object, O extends object>(
  stack: MiddlewareStack<I, O>,
  check: () => void,
): void {
  const checked: FinalizeRequestMiddleware<I, O> = (next) => async (args) => {
    check();
    return next(args);
  };
  stack.addRelativeTo(checked, { relation: 'after', toMiddleware: RATE_LIMIT, name: 'sluiceCheck' });
}

/** Tells `listener` of each call: its IAM action, its seconds, and how it failed. */
function countCalls<I extends object, O extends object>(listener: CallListener): InitializeMiddleware<I, O> {
  return (next, context) => async (args) => {
    const action = actionOf(context);
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1_000;
    try {
      const result = await next(args);
      listener({ action, seconds: seconds() });
      return result;
    } catch (error) {
      listener({ action, seconds: seconds(), error: classify(error, action).code });
      throw error;
    }
  };
}

/** Repeats a call once with new credentials when those that signed it have expired. The SDK does not repeat it. */
function retryRenewed<I extends object, O extends object>(
  renewCredentials: () => Promise<unknown>,
): InitializeMiddleware<I, O> {
  return (next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (!isExpired(error)) throw error;
      await renewCredentials();
      return next(args);
    }
  };
}

/** Holds an attempt until its action's bucket has a token, or until the caller aborts. */
function limitRate<I extends object, O extends object>(
  buckets: ReadonlyMap<string, TokenBucket>,
): FinalizeRequestMiddleware<I, O> {
  return (next, context) => async (args) => {
    const signal = context[SMITHY_CONTEXT_KEY]?.abortSignal;
    await buckets.get(actionOf(context))?.take(signal instanceof AbortSignal ? signal : undefined);
    return next(args);
  };
}

/** Calls `beforeWrite` for each command that is not a read. What it throws ends the call. */
function checkWrites<I extends object, O extends object>(
  beforeWrite: (action: string) => void,
): FinalizeRequestMiddleware<I, O> {
  return (next, context) => (args) => {
    const action = actionOf(context);
    if (!isRead(action)) beforeWrite(action);
    return next(args);
  };
}

/** Ends an attempt after `ms` in all. The SDK's own limits do not see a body that comes byte by byte. */
function limitTime<I extends object, O extends object>(ms: number): FinalizeRequestMiddleware<I, O> {
  return (next) => (args) => {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_resolve, reject) => {
      // The call's own socket keeps the process alive; its time limit does not.
      timer = setTimeout(() => reject(timeoutError(ms)), ms).unref();
    });
    return Promise.race([next(args), over]).finally(() => clearTimeout(timer));
  };
}

function timeoutError(ms: number): Error {
  return Object.assign(new Error(`no whole answer within ${ms / 1_000} s`), { name: 'TimeoutError' });
}

function actionOf({ clientName, commandName }: HandlerExecutionContext): string {
  return actionName(clientName, commandName);
}
