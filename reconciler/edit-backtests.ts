import { randomUUID } from 'node:crypto';
import { PRICES } from '../infra/aws/blueprint/prices.ts';
import { parsePolicy } from '../policies/document/parse.ts';
import { queueNameOf } from '../policies/grammar/queue-name.ts';
import type { Clients } from './aws/clients.ts';
import { classify } from './aws/errors.ts';
import type { EditResult } from './backtest/edit.ts';
import type { Result } from './backtest/result.ts';
import { type Running, startEditBacktest } from './backtest/thread.ts';
import type { Backtest, BacktestRequest, Course } from './http/edits.ts';
import { readQueueHistory } from './observe/history.ts';

/** A worker of 1 vCPU and 2 GB on Fargate, x86, in us-east-1. */
const { cpu, memory } = PRICES.fargate.X86_64;
const PRICE = { usd: Number((cpu + 2 * memory).toFixed(6)), source: 'Fargate, 1 vCPU and 2 GB, Linux x86, us-east-1' };

/** Results that are kept for pages that ask. */
const KEPT = 20;

/** Runs backtests of edits on the past of their queues: one at a time, in a thread, and the last few results stay. */
export class EditBacktests {
  readonly #aws: Clients;
  readonly #kept = new Map<string, Backtest>();
  #current: { id: string; thread?: Running } | undefined;

  constructor(aws: Clients) {
    this.#aws = aws;
  }

  /** Returns undefined while another one runs. */
  start(request: BacktestRequest): Backtest | undefined {
    if (this.#current) return undefined;
    const id = randomUUID();
    this.#current = { id };
    const first: Backtest = { id, policy: request.policy, state: 'reading' };
    this.#keep(first);
    void this.#run(id, request).then((last) => {
      if (this.#kept.get(id)?.state !== 'cancelled') this.#keep(last);
      if (this.#current?.id === id) this.#current = undefined;
    });
    return first;
  }

  find(id: string): Backtest | undefined {
    return this.#kept.get(id);
  }

  cancel(id: string): void {
    if (this.#current?.id !== id) return;
    const { policy } = this.#kept.get(id)!;
    this.#keep({ id, policy, state: 'cancelled' });
    this.#current.thread?.cancel();
    this.#current = undefined;
  }

  /** Ends the thread, if one runs. */
  close(): void {
    if (this.#current) this.cancel(this.#current.id);
  }

  async #run(id: string, { policy, before, after, past, workers }: BacktestRequest): Promise<Backtest> {
    const parsed = parsePolicy(after);
    if (!parsed.ok) return { id, policy, state: 'failed', message: 'the edit is not a valid document' };
    const queue = queueNameOf(parsed.policy.spec.queue);
    let sent: number[];
    let serviceSeconds: number | undefined;
    try {
      const now = Date.now();
      ({ sent, serviceSeconds } = await readQueueHistory(this.#aws, queue, now - past, now));
    } catch (error) {
      const { message, hint } = classify(error, 'cloudwatch:GetMetricData');
      return { id, policy, state: 'failed', message, ...(hint ? { hint } : {}) };
    }
    const from = sent.findIndex((count) => count > 0);
    if (from < 0) {
      const hint = 'choose a longer time, or a queue that has had messages';
      return {
        id,
        policy,
        state: 'failed',
        message: `CloudWatch holds no messages sent to ${queue} in this time`,
        hint,
      };
    }
    // Cancelled while CloudWatch was read.
    if (this.#current?.id !== id) return { id, policy, state: 'cancelled' };
    // Minutes before the first message tell nothing, except that the fleet was idle.
    const request = { before, after, queue, sent: sent.slice(from), serviceSeconds, workers };
    const thread = startEditBacktest(request, (share) => {
      if (this.#current?.id === id) this.#keep({ id, policy, state: 'running', share });
    });
    this.#current.thread = thread;
    this.#keep({ id, policy, state: 'running', share: 0 });
    try {
      return { id, policy, state: 'done', ...outcomeOf(await thread.result) };
    } catch (error) {
      return { id, policy, state: 'failed', message: (error as Error).message };
    }
  }

  #keep(backtest: Backtest): void {
    this.#kept.set(backtest.id, backtest);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

const dollars = (hours: number): number => Number((hours * PRICE.usd).toFixed(2));

function outcomeOf({ before, after, target, leastHours }: EditResult) {
  return {
    ...(before ? { before: courseOf(before) } : {}),
    after: courseOf(after),
    target,
    messages: after.jobs,
    least: { workerHours: leastHours, dollars: dollars(leastHours) },
    price: PRICE,
  };
}

const courseOf = ({ withinTarget, workerHours, scaleActions, wait: { p50, p99, max } }: Result): Course => ({
  withinTarget,
  workerHours,
  dollars: dollars(workerHours),
  scaleActions,
  wait: { p50, p99, max },
});
