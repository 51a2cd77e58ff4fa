/** The parts of the plant: workers, and the messages that they hold. Times are seconds. */
export interface Worker {
  kind: 'worker';
  since: number;
  /** Seconds that its start takes. */
  startUp: number;
  ready: boolean;
  stopped: boolean;
  /** Messages that it holds. */
  jobs: Job[];
  /** Index among the live workers, and among those with room; -1 for neither. */
  live: number;
  room: number;
}

export interface Job {
  kind: 'job';
  /** The time at which the message was sent: a message that returns has waited since then. */
  sent: number;
  end: number;
  service: number;
  /** Undefined once its worker was stopped before the job ended: the message then returns. */
  worker: Worker | undefined;
  /** True: it falls due when its message becomes visible again, not when the job ends. */
  back: boolean;
}
