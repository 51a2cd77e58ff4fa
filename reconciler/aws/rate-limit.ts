interface Waiter {
  go: () => void;
}

/**
 * A token bucket that keeps this process below AWS's own limits, so that it never spends what the account's deployments and
 * consoles need. Callers get their tokens in order of arrival.
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #waiting: Waiter[] = [];
  #tokens: number;
  #at: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(burst: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** Takes a token and returns 0, or returns the milliseconds until there is one. */
  tryTake(): number {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (Math.max(0, now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1_000);
  }

  /** Resolves when the caller has its token. Rejects with AbortError, and takes none, when `signal` aborts first. */
  take(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at >= 0) this.#waiting.splice(at, 1);
        if (this.#waiting.length === 0) this.#rest();
        reject(Object.assign(new Error('given up before it was sent'), { name: 'AbortError' }));
      };
      const waiter: Waiter = {
        go: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      if (signal?.aborted) {
        leave();
        return;
      }
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
      this.#serve();
    });
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #serve(): void {
    if (this.#timer) return;
    while (this.#waiting.length > 0) {
      const ms = this.tryTake();
      if (ms > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#serve();
        }, ms);
        return;
      }
      this.#waiting.shift()?.go();
    }
  }
}

/**
 * Returns buckets by IAM action, below what AWS grants an account and Region. Actions that are not named have no limit of
 * ours. AWS's numbers (burst, then sustained a second) are beside ours; sources: Amazon ECS API Reference, "Request
 * throttling"; AWS General Reference, "Systems Manager endpoints and quotas"; for PutParameter a public case of AWS Support.
 */
export function accountBuckets(now?: () => number): Map<string, TokenBucket> {
  // 100, 20. Three quarters of it: a thousand policies at ten seconds need ten calls of ten services a second.
  const serviceRead = new TokenBucket(50, 15, now);
  // 50, 5. Half.
  const serviceModify = new TokenBucket(25, 2.5, now);
  // 100, 20, which ListTasks and DescribeTasks share. Half.
  const resourceRead = new TokenBucket(50, 10, now);
  // 100, 40. Half.
  const resourceModify = new TokenBucket(50, 20, now);
  // 40, which all reads of parameters share. Half.
  const parameterRead = new TokenBucket(20, 20, now);
  // 3; 10 with the high-throughput setting, which not every account has. Five sixths: a status must be written.
  const parameterWrite = new TokenBucket(3, 2.5, now);
  return new Map([
    ['ecs:DescribeServices', serviceRead],
    ['ecs:UpdateService', serviceModify],
    ['ecs:DescribeTasks', resourceRead],
    ['ecs:ListTasks', resourceRead],
    ['ecs:GetTaskProtection', resourceRead],
    ['ecs:StopTask', resourceModify],
    ['ssm:GetParameter', parameterRead],
    ['ssm:GetParameters', parameterRead],
    ['ssm:GetParametersByPath', parameterRead],
    ['ssm:PutParameter', parameterWrite],
  ]);
}
