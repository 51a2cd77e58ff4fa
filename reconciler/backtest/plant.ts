/**
 * A queue and its fleet in virtual time, which a controller steers in a backtest. It goes from event to event, so that
 * the cost grows with the jobs and not with the time.
 *
 * The model (seconds throughout): a FIFO queue; workers that each take up to `concurrency` messages at a time; a worker
 * costs from the rise of the desired count on, and receives its first message `startUp` later. A scale-in stops starting
 * workers first, then random ones. A stopped worker finishes the jobs that end within `stopTimeout`. Longer ones return
 * to the queue `visibilityTimeout` after the stop and begin again; every receive counts, with its wait since the send.
 * With `protection` a worker that holds a message is never stopped: the fleet stays above the desired count until enough
 * workers are idle (ECS task scale-in protection). With `deadPoll` a worker that is stopped while it polls leaves its poll
 * behind: for that long SQS may give a message to it, which then waits for its visibility timeout.
 */
import { random as seeded } from '../../policies/grammar/random.ts';
import type { Load } from './arrivals.ts';
import { DeadPolls } from './dead-polls.ts';
import { EventQueue } from './event-queue.ts';
import { Fifo } from './fifo.ts';
import type { Job, Worker } from './plant-parts.ts';
import type { Sampler } from './service-time.ts';
import { Timeline } from './timeline.ts';
import { Waits } from './waits.ts';

export interface PlantOptions {
  /** Messages that one worker handles at a time. */
  concurrency: number;
  startUp: Sampler;
  stopTimeout: number;
  visibilityTimeout: number;
  protection: boolean;
  /** Seconds for which the poll of a stopped worker still takes a message; default 0, for workers that finish their last poll. */
  deadPoll?: number;
  /** Workers that run at the start. */
  workers: number;
  /** The longest wait that counts as within the target. */
  target: number;
  seed: number;
}

/** Something that falls due: a job ends, a worker is ready, or a message becomes visible again. */
type Due = Job | Worker;

export class Plant {
  now = 0;
  desired: number;
  inFlight = 0;
  running: number;
  readonly waits: Waits;
  /** Totals since the start. */
  readonly total = { sent: 0, received: 0, deleted: 0, redelivered: 0, busyKills: 0, started: 0 };
  peakBacklog = 0;
  /** Time integrals, for averages over a minute: message-seconds visible and in flight, worker-seconds running. */
  readonly integral = { visible: 0, inFlight: 0, running: 0 };
  /** Most visible messages since the last reset by the reader. */
  highest = 0;
  /** Longest wait of a message received since the last reset by the reader, in seconds. */
  longestWait = 0;
  /** The counts of the last two minutes. */
  readonly timeline = new Timeline();
  readonly load: Load;
  readonly #options: PlantOptions;
  readonly #random: () => number;
  readonly #queue = new Fifo();
  readonly #due = new EventQueue<Due>();
  readonly #live: Worker[] = [];
  readonly #room: Worker[] = [];
  readonly #deadPolls: DeadPolls;
  /** Worker-seconds of stopped workers, including the time that they still need to stop. */
  #spent = 0;

  constructor(load: Load, options: PlantOptions) {
    this.load = load;
    this.#options = options;
    this.#random = seeded(options.seed ^ 0x5f356495);
    this.#deadPolls = new DeadPolls(options.deadPoll ?? 0, this.#random);
    this.waits = new Waits(options.target);
    this.desired = options.workers;
    this.running = 0;
    for (let i = 0; i < options.workers; i++) this.#ready(this.#start());
  }

  get visible(): number {
    return this.#queue.size;
  }

  /** Workers that run or start; not those that are being stopped. */
  get existing(): number {
    return this.#live.length;
  }

  /** Workers that run and cannot be stopped now; 0 in a fleet without protection. */
  get protectedWorkers(): number {
    return this.#options.protection ? this.#live.filter(({ jobs }) => jobs.length > 0).length : 0;
  }

  /** Seconds that the oldest visible message has waited. */
  get oldestAge(): number {
    return this.#queue.size === 0 ? 0 : this.now - this.#queue.headSent;
  }

  /** Median start-up time of the workers that run, as DescribeTasks shows it; undefined without any. */
  get medianStartUp(): number | undefined {
    const times = this.#live.flatMap(({ ready, startUp }) => (ready ? [startUp] : [])).sort((a, b) => a - b);
    return times[times.length >> 1];
  }

  /** Worker-seconds paid up to now. */
  get workerSeconds(): number {
    return this.#live.reduce((sum, worker) => sum + this.now - worker.since, this.#spent);
  }

  /** Moves the time to `end`, through all events up to and including it. */
  advanceTo(end: number): void {
    const { load } = this;
    for (;;) {
      const due = this.#due.next;
      if (load.time <= due) {
        if (load.time > end) break;
        this.#pass(load.time);
        this.total.sent++;
        this.#arrive(this.now, load.service);
        load.advance();
      } else {
        if (due > end) break;
        this.#pass(due);
        this.#happen(this.#due.take());
      }
    }
    this.#pass(end);
  }

  /** Sets the desired count. The fleet follows at once, as far as protection allows. */
  scaleTo(count: number): void {
    this.desired = count;
    while (this.#live.length < count) {
      const worker = this.#start();
      this.#due.add(this.now + worker.startUp, worker);
      this.total.started++;
    }
    for (let i = this.#live.length - 1; i >= 0 && this.#live.length > count; i--)
      if (!this.#live[i]!.ready) this.#stop(this.#live[i]!);
    if (this.#options.protection) this.#stopIdle();
    else while (this.#live.length > count) this.#stop(this.#live[Math.floor(this.#random() * this.#live.length)]!);
  }

  /** Counts the messages that still wait at the end, with the wait that they have had so far. */
  finish(): void {
    while (this.#queue.size > 0) {
      this.waits.add(this.now - this.#queue.headSent);
      this.#queue.take();
    }
  }

  #pass(to: number): void {
    const dt = to - this.now;
    if (dt <= 0) return;
    this.timeline.pass(this.now, to, this);
    this.integral.visible += dt * this.#queue.size;
    this.integral.inFlight += dt * this.inFlight;
    this.integral.running += dt * this.running;
    this.now = to;
  }

  #happen(due: Due): void {
    if (due.kind === 'worker') {
      if (!due.stopped) this.#ready(due);
    } else if (!due.back) this.#complete(due);
    else {
      this.inFlight--;
      this.total.redelivered++;
      this.#arrive(due.sent, due.service);
    }
  }

  #arrive(sent: number, service: number): void {
    if (this.#deadPolls.take(this.now, this.#room.length)) {
      this.inFlight++;
      this.total.received++;
      this.#hide({ kind: 'job', sent, end: 0, service, worker: undefined, back: true });
      return;
    }
    this.#queue.add(sent, service);
    if (this.#room.length > 0) this.#receive(this.#room[Math.floor(this.#random() * this.#room.length)]!);
    else if (this.#queue.size > this.highest) this.highest = this.#queue.size;
    const backlog = this.#queue.size + this.inFlight;
    if (backlog > this.peakBacklog) this.peakBacklog = backlog;
  }

  /** Brings a message back after its visibility timeout. */
  #hide(job: Job): void {
    this.#due.add(this.now + this.#options.visibilityTimeout, job);
  }

  #receive(worker: Worker): void {
    const sent = this.#queue.headSent;
    const service = this.#queue.take();
    const wait = this.now - sent;
    this.waits.add(wait);
    if (wait > this.longestWait) this.longestWait = wait;
    this.inFlight++;
    this.total.received++;
    const job: Job = { kind: 'job', sent, end: this.now + service, service, worker, back: false };
    worker.jobs.push(job);
    this.#due.add(job.end, job);
    if (worker.jobs.length >= this.#options.concurrency) this.#leaveRoom(worker);
  }

  #complete(job: Job): void {
    const { worker } = job;
    if (!worker) return;
    this.inFlight--;
    this.total.deleted++;
    drop(worker.jobs, job);
    if (worker.stopped) return;
    if (this.#options.protection && worker.jobs.length === 0 && this.#live.length > this.desired) {
      this.#stop(worker);
      return;
    }
    if (worker.room < 0) worker.room = this.#room.push(worker) - 1;
    if (this.#queue.size > 0) this.#receive(worker);
  }

  #start(): Worker {
    const startUp = this.#options.startUp.sample(this.#random);
    const worker: Worker = {
      kind: 'worker',
      since: this.now,
      startUp,
      ready: false,
      stopped: false,
      jobs: [],
      live: -1,
      room: -1,
    };
    worker.live = this.#live.push(worker) - 1;
    return worker;
  }

  #ready(worker: Worker): void {
    worker.ready = true;
    this.running++;
    worker.room = this.#room.push(worker) - 1;
    while (this.#queue.size > 0 && worker.room >= 0) this.#receive(worker);
  }

  #stopIdle(): void {
    const idle = this.#room.filter((worker) => worker.jobs.length === 0);
    while (this.#live.length > this.desired && idle.length > 0)
      this.#stop(idle.splice(Math.floor(this.#random() * idle.length), 1)[0]!);
  }

  #stop(worker: Worker): void {
    worker.stopped = true;
    if (worker.ready) this.running--;
    const { stopTimeout } = this.#options;
    if (worker.ready && worker.room >= 0) this.#deadPolls.leave(this.now);
    this.#leaveRoom(worker);
    const last = this.#live.pop()!;
    if (last !== worker) {
      this.#live[worker.live] = last;
      last.live = worker.live;
    }
    let end = this.now;
    if (worker.jobs.length > 0) this.total.busyKills++;
    for (const job of [...worker.jobs]) {
      if (job.end <= this.now + stopTimeout) end = Math.max(end, job.end);
      else {
        end = this.now + stopTimeout;
        job.worker = undefined;
        drop(worker.jobs, job);
        this.#hide({ ...job, back: true });
      }
    }
    this.#spent += end - worker.since;
  }

  #leaveRoom(worker: Worker): void {
    if (worker.room < 0) return;
    const last = this.#room.pop()!;
    if (last !== worker) {
      this.#room[worker.room] = last;
      last.room = worker.room;
    }
    worker.room = -1;
  }
}

/** Removes one job. The order of the others may change. */
function drop(jobs: Job[], job: Job): void {
  const last = jobs.pop()!;
  if (last !== job) jobs[jobs.indexOf(job)] = last;
}
