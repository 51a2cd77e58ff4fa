/** One reconciler process on the small AWS of chaos-world.ts, to be started, killed and started again. */
import { type Observable, Subject } from 'rxjs';
import { parsePolicy } from '../../policies/document/parse.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { ChaosRequest } from '../../policies/model/observation.ts';
import type { Run } from '../../policies/model/run.ts';
import { reconcile } from '../../reconciler/loop/pipeline.ts';
import type { PipelineEvent } from '../../reconciler/loop/pipeline-event.ts';
import type { PolicyEvent } from '../../reconciler/loop/policy-event.ts';
import type { TickRecord } from '../../reconciler/loop/tick.ts';
import { VirtualScheduler } from '../../reconciler/loop/virtual-time.ts';
import { ChaosWorld, type Process } from './chaos-world.ts';
import { T0 } from './policy.ts';

/** A valid policy with this chaos section; a minute's start is on the grid of its ticks. */
export function chaosPolicy(chaos: object, spec: object = {}, generation = 1): WorkerPolicy {
  const document = {
    apiVersion: 'sluice/v1',
    kind: 'WorkerPolicy',
    metadata: { name: 'jobs' },
    spec: {
      queue: { name: 'jobs' },
      service: { cluster: 'demo', name: 'jobs' },
      interval: '10s',
      scaling: {
        minWorkers: 4,
        maxWorkers: 20,
        strategies: [{ type: 'backlogPerWorker', target: 10 }],
        scaleUp: { cooldown: '0s' },
      },
      chaos: { enabled: true, cooldown: '0s', ...chaos },
      ...spec,
    },
  };
  const parsed = parsePolicy(JSON.stringify(document), { generation });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

export const experiment = (fault: object, more: object = {}): object => ({
  experiments: [{ name: 'x', fault, ...more }],
});

export class Lab {
  readonly scheduler = new VirtualScheduler(T0);
  readonly aws = new ChaosWorld(this.scheduler);
  readonly events: PipelineEvent[] = [];
  readonly ended: Run[] = [];
  readonly crashes: unknown[] = [];
  process: Process = { alive: false };
  #specs$ = new Subject<PolicyEvent>();
  #stop$ = new Subject<void>();
  completed = false;

  /** A process that begins with what the status says. */
  start(policy?: WorkerPolicy): void {
    const process = { alive: true };
    this.process = process;
    this.completed = false;
    this.#specs$ = new Subject();
    this.#stop$ = new Subject();
    reconcile({
      specs$: this.#specs$,
      world: this.aws.world(process),
      restore: this.aws.restore,
      persist: this.aws.persist(process),
      stop$: this.#stop$ as Observable<void>,
      scheduler: this.scheduler,
      random: () => 0,
    }).subscribe({
      next: (event) => {
        if (!process.alive) return;
        this.events.push(event);
        if (event.kind === 'broken') this.crashes.push(event.error);
        if (event.kind !== 'tick') return;
        this.ended.push(...(event.decision.chaos?.ended ?? []));
        // The status writer: what a restart must know is written when it changes; here always, which is as good.
        this.aws.store(event.after, event.decision);
      },
      complete: () => {
        this.completed = true;
      },
    });
    if (policy) this.apply(policy);
  }

  kill(): void {
    this.process.alive = false;
  }

  stop(): void {
    this.#stop$.next();
  }

  apply(policy: WorkerPolicy): void {
    this.#specs$.next({ kind: 'applied', name: 'jobs', policy, text: '' });
  }

  tell(change: PolicyEvent): void {
    this.#specs$.next(change);
  }

  ask(request: Partial<ChaosRequest> & Pick<ChaosRequest, 'id'>): void {
    const whole: ChaosRequest = { action: 'run', expiresAt: this.aws.now + 60_000, ...request };
    this.tell({ kind: 'requested', name: 'jobs', source: 'parameter', requests: [whole] });
  }

  pass(seconds: number): void {
    this.scheduler.advanceTo(this.scheduler.now() + seconds * 1_000);
  }

  get ticks(): TickRecord[] {
    return this.events.filter((e): e is TickRecord => e.kind === 'tick');
  }

  get last(): TickRecord {
    return this.ticks.at(-1)!;
  }

  /** Answers given so far, by id. */
  answer(id: string) {
    return this.ticks.flatMap((t) => t.decision.chaos?.answers ?? []).find((a) => a.id === id);
  }
}
