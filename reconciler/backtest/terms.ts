/** The columns of a backtest's table, and each one's meaning in plain words. */

/** Returns the meaning of each column, in the order of the table. `target` is seconds, `pricePerWorkerHour` USD. */
export const terms = (target: number, pricePerWorkerHour: number) =>
  ({
    controller: 'whose decisions were simulated; all got the same messages at the same times',
    'within target': `share of receives at most ${target} s after the message had become visible; higher is better`,
    p50: 'half of all receives came after a wait of at most this',
    p95: '95 of 100 receives came after a wait of at most this',
    p99: '99 of 100 receives came after a wait of at most this',
    max: 'longest wait of all',
    'worker-hours': 'time that all workers ran, added up; this is what is paid for',
    dollars: `worker-hours at $${pricePerWorkerHour} each`,
    'x least':
      'cost over the least that any controller could have had, knowing every message beforehand; 1.00 cannot be beaten',
    actions: 'changes of the desired count',
    reversals: 'changes in the other direction than the one before; many mean that the count swings',
    'busy kills': 'workers that were stopped while they held a message',
    redelivered:
      'messages that a stopped worker could not finish in time; they return to the queue and are worked again',
    'peak backlog': 'most messages in the queue at once: visible and in flight',
    settings: 'configuration that the controller ran with',
  }) as const;

/** The names of the columns, in their order. */
export const COLUMNS = Object.keys(terms(0, 0));
