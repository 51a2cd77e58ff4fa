/**
 * A small AWS in virtual time for experiments: a service whose tasks start and stop with delays, a queue with a policy
 * that is enforced, a flag, alarms, and a status parameter. Every call can be made the last one of the process.
 */
import { delay, Observable, of, throwError } from 'rxjs';
import { policySids, withoutStatement, withStatement } from '../../policies/chaos/policy-text.ts';
import type { WorkerPolicy } from '../../policies/document/schema.ts';
import type { Action, ActionResult } from '../../policies/model/action.ts';
import type { Decision } from '../../policies/model/decision.ts';
import type { Memory } from '../../policies/model/memory.ts';
import type { ChaosReadings, Instant, Observation, Reading } from '../../policies/model/observation.ts';
import type { RequiredReadings } from '../../policies/model/required-readings.ts';
import { memoryFrom, parseStatus } from '../../policies/restore.ts';
import { type StatusDocument, statusOf } from '../../policies/status.ts';
import type { VirtualScheduler } from '../../reconciler/loop/virtual-time.ts';
import type { World } from '../../reconciler/loop/world.ts';

const CALL_MS = 20;
const START_MS = 5_000;
const STOP_MS = 2_000;

interface Task {
  arn: string;
  startedAt: Instant;
  runsFrom: Instant;
  goneAt: Instant;
}

/** The state of the process that makes the calls; a dead one gets no answers and makes no calls. */
export interface Process {
  alive: boolean;
}

export class ChaosWorld {
  readonly scheduler: VirtualScheduler;
  desired = 4;
  policyText =
    '{"Version":"2012-10-17","Statement":[ {"Sid":"theirs", "Effect":"Allow","Principal":"*","Action":"sqs:*"} ]}';
  groups = ['sg-workers'];
  flag: string | undefined = 'running';
  alarm = 'OK';
  visible = 0;
  deadLetters = 0;
  deploying = false;
  /** Tasks that protect themselves from scale-in, the oldest ones; they stay until this falls. */
  busy = 0;
  hidesProtection = false;
  deployment = 1;
  failReads = false;
  failWrites: string | undefined;
  failStatus = false;
  /** The status parameter's text. */
  status: string | undefined;
  /** Every write that took effect. */
  readonly writes: string[] = [];
  calls = 0;
  /** The process dies at this call (from 1), before its effect or after it. */
  dieAt: { call: number; after: boolean; process: Process; died: () => void } | undefined;
  #tasks: Task[] = [];
  #nextTask = 1;

  constructor(scheduler: VirtualScheduler) {
    this.scheduler = scheduler;
    for (let i = 0; i < this.desired; i++) this.#start(-START_MS);
  }

  get now(): Instant {
    return this.scheduler.now();
  }

  get running(): Task[] {
    this.#converge();
    return this.#tasks.filter((t) => t.runsFrom <= this.now && t.goneAt > this.now);
  }

  /** True when the queue's policy denies the workers now. */
  get denied(): boolean {
    if (this.policyText === '') return false;
    const { Statement } = JSON.parse(this.policyText) as { Statement: Record<string, never>[] };
    return Statement.some((s) => {
      const until = (s.Condition as { DateLessThan?: Record<string, string> } | undefined)?.DateLessThan;
      return s.Effect === 'Deny' && this.now < Date.parse(until?.['aws:CurrentTime'] ?? '9999');
    });
  }

  /** Everything that an experiment may have changed, for "it is all back". */
  standing(): object {
    return { policy: this.policyText, groups: this.groups, flag: this.flag };
  }

  world(process: Process): World {
    return {
      observe: (_policy, requiredReadings = {}) => this.#call(process, () => this.#observation(requiredReadings)),
      act: (action) =>
        this.#call(process, (): ActionResult => {
          if (this.failWrites) return { action, outcome: 'failed', code: 'AccessDenied', message: this.failWrites };
          this.#apply(action);
          return { action, outcome: 'applied' };
        }),
    };
  }

  persist(process: Process): (name: string, memory: Memory, decision?: Decision) => Observable<unknown> {
    return (_name, memory, decision) =>
      this.failStatus
        ? throwError(() => new Error('Rate exceeded'))
        : this.#call(process, () => this.store(memory, decision));
  }

  store(memory: Memory, decision?: Decision): void {
    const previous = parseStatus(this.status);
    const target: StatusDocument['target'] = { queue: { name: 'jobs' }, service: { cluster: 'demo', name: 'jobs' } };
    const document = statusOf({ generation: 1, decision, memory, target, previous, now: this.now });
    this.status = JSON.stringify(document);
  }

  restore = (): Observable<Memory> => of(memoryFrom(parseStatus(this.status)));

  /** One AWS call: takes time, counts, and may be the process's last. */
  #call<T>(process: Process, effect: () => T): Observable<T> {
    return new Observable<T>((subscriber) => {
      if (!process.alive) return;
      const call = ++this.calls;
      const dies = this.dieAt?.process === process && this.dieAt.call === call ? this.dieAt : undefined;
      if (dies && !dies.after) {
        process.alive = false;
        dies.died();
        return;
      }
      const value = effect();
      if (dies) {
        process.alive = false;
        dies.died();
        return;
      }
      return of(value)
        .pipe(delay(CALL_MS, this.scheduler))
        .subscribe({
          next: (v) => process.alive && subscriber.next(v),
          complete: () => process.alive && subscriber.complete(),
        });
    });
  }

  #observation(requiredReadings: RequiredReadings): Observation {
    const at = this.now;
    const failure = { class: 'transient' as const, code: 'ThrottlingException', message: 'Rate exceeded' };
    const ok = <T>(value: T): Reading<T> => (this.failReads ? { ok: false, at, failure } : { ok: true, at, value });
    this.#converge();
    const running = this.running;
    const pending = this.#tasks.filter((t) => t.runsFrom > at && t.goneAt > at).length;
    const chaos: ChaosReadings = {
      ...(requiredReadings.tasks ? { tasks: ok(running.map(({ arn, startedAt }) => ({ arn, startedAt }))) } : {}),
      ...(requiredReadings.access ? { access: ok(this.#access()) } : {}),
      ...(requiredReadings.network ? { network: ok({ subnets: ['subnet-1'], securityGroups: [...this.groups] }) } : {}),
      ...(requiredReadings.role ? { role: ok('arn:aws:iam::000000000000:role/worker') } : {}),
      ...(requiredReadings.deadLetters ? { deadLetters: ok(this.deadLetters) } : {}),
      ...(requiredReadings.flag ? { flag: ok(this.flag) } : {}),
      ...(requiredReadings.alarms
        ? { alarms: ok(Object.fromEntries(requiredReadings.alarms.map((name) => [name, this.alarm]))) }
        : {}),
    };
    const cutOff = this.denied || this.#flagged();
    return {
      at,
      queue: ok({ visible: this.visible, inFlight: cutOff ? 0 : Math.min(running.length, 2), delayed: 0 }),
      service: ok({
        desired: this.desired,
        running: running.length,
        pending,
        status: 'ACTIVE',
        deploying: this.deploying,
        deployment: `ecs-svc/${this.deployment}`,
      }),
      ...(this.busy > 0 && !this.hidesProtection
        ? { protection: ok({ tasks: running.length, protected: this.busy }) }
        : {}),
      ...(Object.keys(chaos).length > 0 ? { chaos } : {}),
    };
  }

  #access() {
    const sids = policySids(this.policyText);
    return {
      arn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
      bytes: this.policyText.length,
      statements: sids.length,
      sids,
    };
  }

  #flagged(): boolean {
    return this.flag?.startsWith('paused until ') === true && Date.parse(this.flag.slice(13)) > this.now;
  }

  #apply(action: Action): void {
    // As the writers of reconciler/act: a value that somebody else set is never written over.
    if (action.kind === 'SetFlag' && action.onlyIf !== undefined && action.onlyIf !== this.flag) return;
    if (action.kind === 'SwapSecurityGroups' && action.from.join() !== this.groups.join()) return;
    this.writes.push(`${action.kind}${action.purpose ? ` ${action.purpose}` : ''}`);
    switch (action.kind) {
      case 'UpdateService':
        this.desired = action.desiredCount;
        this.#converge();
        return;
      case 'StopTask': {
        const task = this.#tasks.find((t) => t.arn === action.taskArn);
        if (task) task.goneAt = Math.min(task.goneAt, this.now + STOP_MS);
        this.#converge();
        return;
      }
      case 'DenyQueue':
        this.policyText = withStatement(this.policyText, action.sid, action.statement);
        return;
      case 'AllowQueue':
        this.policyText = withoutStatement(this.policyText, action.sid);
        return;
      case 'SwapSecurityGroups':
        this.groups = action.network.securityGroups;
        this.deployment++;
        return;
      case 'SetFlag':
        this.flag = action.value;
    }
  }

  /** As ECS does: replaces what is going, stops what is too many. */
  #converge(): void {
    this.#tasks = this.#tasks.filter((t) => t.goneAt > this.now);
    const staying = this.#tasks.filter((t) => t.goneAt === Number.POSITIVE_INFINITY);
    for (let i = staying.length; i < this.desired; i++) this.#start(0);
    for (const task of staying.slice(Math.max(this.desired, this.busy))) task.goneAt = this.now + STOP_MS;
  }

  #start(offset: number): void {
    const runsFrom = this.now + START_MS + offset;
    const arn = `arn:aws:ecs:us-east-1:000000000000:task/demo/${String(this.#nextTask++).padStart(4, '0')}`;
    this.#tasks.push({ arn, startedAt: runsFrom, runsFrom, goneAt: Number.POSITIVE_INFINITY });
  }
}

/** A document's chaos section around one experiment, for `policyOf`. */
export type PolicyWith = (chaos: object, spec?: object) => WorkerPolicy;
