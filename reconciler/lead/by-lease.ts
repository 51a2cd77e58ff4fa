/** Leads a prefix by a lease: does what the reducer of lease.ts asks for, and tells of it. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import {
  asyncScheduler,
  distinctUntilChanged,
  type Observable,
  ReplaySubject,
  type SchedulerLike,
  Subscription,
} from 'rxjs';
import { classify } from '../aws/errors.ts';
import { RETRIES_BY_ITSELF } from '../text/words.ts';
import type { Leader, Leading, Role, Self } from './leadership.ts';
import {
  hasAuthority,
  type LeaseEvent,
  type LeaseItem,
  type LeaseState,
  type LeaseTodo,
  lease,
  type Moment,
  unheld,
} from './lease.ts';
import type { LeaseTable } from './lease-table.ts';
import { stopwatch } from './stopwatch.ts';

export interface LeaseOptions {
  self: Self;
  table: LeaseTable;
  /** Milliseconds. */
  lasts: number;
  log: Logger;
  scheduler?: SchedulerLike;
  clocks?: () => Moment;
  /** Returns a text that was never used before. */
  nonce?: () => string;
}

type Told = LeaseEvent extends infer E
  ? E extends LeaseEvent
    ? Omit<E, keyof Moment | 'nonce' | 'wall'>
    : never
  : never;

/** Longest wait for the release at the end, in milliseconds: the lease runs out by itself. */
const RELEASE_MS = 1_000;

/** Starts to compete for the lease. The role is known once the table has answered or has failed to. */
export function leadByLease(options: LeaseOptions): Leading {
  const competitor = new Competitor(options);
  return {
    role$: competitor.role$,
    current: () => competitor.current(),
    mayWrite: () => competitor.acts(),
    release: () => competitor.release(),
  };
}

class Competitor {
  readonly #options: LeaseOptions;
  readonly #scheduler: SchedulerLike;
  readonly #clocks: () => Moment;
  readonly #roles$ = new ReplaySubject<Role>(1);
  readonly role$: Observable<Role> = this.#roles$.pipe(distinctUntilChanged());
  #state: LeaseState;
  #timer = new Subscription();
  #watchdog = new Subscription();
  /** The holder that was last logged, and the code of the failure that was last logged. */
  #told: { session?: string | undefined; failure?: string | undefined } = {};
  #lastSeen = 0;
  #ended: () => void = () => {};

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler ?? asyncScheduler;
    this.#clocks = options.clocks ?? stopwatch();
    this.#state = unheld(options.self, options.lasts);
    this.#tell({ kind: 'due' });
  }

  acts(): boolean {
    return hasAuthority(this.#state, this.#clocks());
  }

  current() {
    const { self, seen } = this.#state;
    const role: Role = this.acts() ? 'leader' : 'standby';
    const item = seen?.item?.session === self.session ? undefined : seen?.item;
    return { id: self.id, role, ...(item ? { leader: this.#leaderOf(item) } : {}) };
  }

  /** Gives the lease back, so that another process takes it at its next look. */
  release(): Promise<void> {
    return new Promise((resolve) => {
      const late = this.#scheduler.schedule(() => this.#ended(), RELEASE_MS);
      this.#ended = () => {
        late.unsubscribe();
        this.#timer.unsubscribe();
        this.#watchdog.unsubscribe();
        this.#roles$.complete();
        resolve();
      };
      this.#tell({ kind: 'stop' });
    });
  }

  #leaderOf({ id, since, version }: LeaseItem): Leader {
    return { id, since, version, lastSeen: this.#lastSeen };
  }

  #tell(told: Told): void {
    const { nonce = randomUUID } = this.#options;
    const before = this.#state;
    const event: LeaseEvent = { ...told, ...this.#clocks(), nonce: nonce(), wall: this.#scheduler.now() };
    const { state, todo } = lease(before, event);
    this.#state = state;
    if (state.seen?.item?.nonce !== before.seen?.item?.nonce) this.#lastSeen = this.#scheduler.now();
    // Nothing is known before the first answer.
    if (state.seen || told.kind === 'failed') this.#report(state, before);
    for (const thing of todo) this.#do(thing);
    this.#watchEnd();
  }

  #do(todo: LeaseTodo): void {
    const { table } = this.#options;
    const put = (call: Promise<boolean>): Promise<Told> =>
      call.then((done) => ({ kind: done ? 'written' : 'refused' }) as const);
    switch (todo.kind) {
      case 'wait':
        this.#timer.unsubscribe();
        this.#timer = this.#scheduler.schedule(() => this.#tell({ kind: 'due' }), Math.ceil(todo.ms));
        break;
      case 'read':
        this.#follow(
          table.read().then((item) => ({ kind: 'read', item }) as const),
          'dynamodb:GetItem',
        );
        break;
      case 'write':
        this.#follow(put(table.write(todo.item, todo.expected)), 'dynamodb:PutItem');
        break;
      case 'remove':
        this.#follow(put(table.remove(todo.expected)), 'dynamodb:DeleteItem');
        break;
      case 'end':
        this.#ended();
    }
  }

  #follow(call: Promise<Told>, action: string): void {
    call.then(
      (told) => {
        this.#told.failure = undefined;
        this.#tell(told);
      },
      (error: unknown) => {
        this.#failed(error, action);
        this.#tell({ kind: 'failed' });
      },
    );
  }

  /** Notices the end of the authority while a call is under way. */
  #watchEnd(): void {
    this.#watchdog.unsubscribe();
    const { until } = this.#state;
    if (until === undefined) return;
    const left = Math.max(0, Math.ceil(until - this.#clocks().spent));
    this.#watchdog = this.#scheduler.schedule(() => {
      if (this.acts()) this.#watchEnd();
      else this.#report(this.#state, this.#state);
    }, left);
  }

  #report(state: LeaseState, before: LeaseState): void {
    const { log, self } = this.#options;
    const acts = this.acts();
    const item = state.seen?.item;
    const mine = item?.session === self.session;
    if (acts && this.#told.session !== self.session)
      log.info(
        {
          id: self.id,
          ...(before.seen?.item && before.seen.item.session !== self.session ? { after: before.seen.item.id } : {}),
          effect: 'this reconciler resumes from the stored statuses and acts',
        },
        'leading',
      );
    if (!acts && item && !mine && this.#told.session !== item.session)
      log.info(
        {
          holder: item.id,
          effect: 'this reconciler watches and writes nothing; it takes over when the leader is gone',
        },
        `standby: ${item.id} leads since ${new Date(item.since).toISOString()}`,
      );
    if (!acts && mine && !state.stopping && this.#told.session === self.session)
      log.warn(
        {
          id: self.id,
          effect: 'this reconciler has stopped acting until it can renew its lease',
          todo: 'look at the lease table: throttling, permissions, the network; a process that stood still is the other cause',
        },
        'lease not renewed in time',
      );
    if (acts) this.#told.session = self.session;
    else if (item && !mine) this.#told.session = item.session;
    else if (mine) this.#told.session = undefined;
    this.#roles$.next(acts ? 'leader' : 'standby');
  }

  #failed(error: unknown, action: string): void {
    const { code, message: problem, hint } = classify(error, action);
    if (this.#told.failure === code) return;
    this.#told.failure = code;
    const effect = this.acts()
      ? 'this reconciler acts until its lease ends, and tries to renew it'
      : 'this reconciler watches and writes nothing: it cannot tell whether another one leads';
    this.#options.log.warn({ code, problem, effect, todo: hint ?? RETRIES_BY_ITSELF }, 'lease table not reached');
  }
}
