/**
 * Task scale-in protection: while this worker holds a job, ECS does not stop it to lower the count. Any worker can do
 * the same: one PUT to the agent's endpoint before work begins, and one after it ends.
 */
export class Protection {
  readonly #uri: string | undefined;
  readonly #minutes: number;
  readonly #log: (message: string, detail?: object) => void;
  #wanted = false;
  /** Epoch milliseconds at which the protection that ECS granted ends; 0 without one. */
  #until = 0;
  #running: Promise<void> | undefined;

  /** `agentUri` is $ECS_AGENT_URI; without it (not on ECS) no call is made. Protection ends by itself after `minutes`. */
  constructor(agentUri: string | undefined, minutes: number, log: (message: string, detail?: object) => void) {
    this.#uri = agentUri;
    this.#minutes = minutes;
    this.#log = log;
  }

  /** Resolves when ECS has answered or cannot be reached. Call it before work begins, so that no scale-in comes first. */
  set(busy: boolean): Promise<void> {
    this.#wanted = busy;
    if (!this.#uri) return Promise.resolve();
    this.#running ??= this.#settle().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #settle(): Promise<void> {
    for (let attempt = 1; this.#isDue() && attempt <= 3; attempt++) {
      const wanted = this.#wanted;
      const problem = await this.#put(wanted);
      if (!problem) this.#until = wanted ? Date.now() + this.#minutes * 60_000 : 0;
      else this.#log('task protection was refused', { wanted, problem, attempt });
    }
  }

  /** True when ECS must be told: also when half of a granted time is over, for a worker that is busy without a pause. */
  #isDue(): boolean {
    return this.#wanted ? this.#until - Date.now() < this.#minutes * 30_000 : this.#until > 0;
  }

  async #put(ProtectionEnabled: boolean): Promise<string | undefined> {
    try {
      const response = await fetch(`${this.#uri}/task-protection/v1/state`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ProtectionEnabled, ...(ProtectionEnabled ? { ExpiresInMinutes: this.#minutes } : {}) }),
        signal: AbortSignal.timeout(5_000),
      });
      const answer = (await response.json()) as {
        protection?: object;
        failure?: { Reason?: string };
        error?: { Code?: string };
      };
      // DEPLOYMENT_BLOCKED and the like are normal outcomes, reported in the body.
      return answer.protection
        ? undefined
        : (answer.failure?.Reason ?? answer.error?.Code ?? `HTTP ${response.status}`);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
