/**
 * Token buckets that keep this process under AWS's own buckets, so that it never spends what the account's deployments
 * and consoles need. `take` resolves when a token is there, in order of arrival.
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;
  #tail: Promise<void> = Promise.resolve();

  constructor(burst: number, perSecond: number, now: () => number = () => performance.now()) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** Milliseconds until a token is there; 0 takes it. */
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

  take(): Promise<void> {
    const wait = this.#tail.then(async () => {
      for (let ms = this.tryTake(); ms > 0; ms = this.tryTake())
        await new Promise((resolve) => setTimeout(resolve, ms));
    });
    this.#tail = wait;
    return wait;
  }
}

/**
 * Buckets by AWS action, at half of what AWS grants an account and Region (ECS API throttling, "Request throttle
 * quotas"; Systems Manager quotas). Actions that are not named here are not limited by us.
 */
export function accountBuckets(now?: () => number): Map<string, TokenBucket> {
  // Three quarters: a thousand policies at ten seconds are ten calls of ten services a second.
  const serviceRead = new TokenBucket(50, 15, now);
  const serviceModify = new TokenBucket(25, 2.5, now);
  const resourceRead = new TokenBucket(50, 10, now);
  const resourceModify = new TokenBucket(50, 20, now);
  const parameterRead = new TokenBucket(20, 20, now);
  const parameterWrite = new TokenBucket(3, 2.5, now);
  return new Map([
    ['ecs:DescribeServices', serviceRead],
    ['ecs:UpdateService', serviceModify],
    ['ecs:DescribeTasks', resourceRead],
    ['ecs:ListTasks', resourceRead],
    ['ecs:StopTask', resourceModify],
    ['ssm:GetParameter', parameterRead],
    ['ssm:GetParameters', parameterRead],
    ['ssm:GetParametersByPath', parameterRead],
    ['ssm:PutParameter', parameterWrite],
  ]);
}
