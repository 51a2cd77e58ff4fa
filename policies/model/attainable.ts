/** An objective that the plan does not meet, the share to expect, and the ways to meet it. Plain numbers, for programs. */
export interface Attainable {
  /** Share of messages that should be received in time, 0 to 1. */
  objective: number;
  /** Share to expect. */
  share: number;
  /** Seconds that a message may wait. */
  target: number;
  /** Seconds that a worker takes to start. */
  startUp: number;
  /** Workers that start within so many seconds would meet the objective; 0 when none could. */
  startUpNeeded: number;
  /** So many workers, always kept, would meet it. */
  workers: number;
  /** Workers for the load alone: the difference is the price. */
  workersForLoad: number;
}
