/** One backtest of `argv[2]` days, as JSON on stdout. A process of its own, so that it starts cold and alone. */
import { runOptions } from '../../reconciler/backtest/backtest.ts';
import { generate } from '../../reconciler/backtest/generate.ts';
import { runPolicy } from '../../reconciler/backtest/run.ts';
import { DAY_S, plant, policy } from './loads.ts';

const days = Number(process.argv[2]);
/** A smooth day at one job a second, again and again. */
const trace = generate('daily:0.2-1.8/s', days * DAY_S, 1);
let decisions = 0;
const started = performance.now();
const cpu = process.cpuUsage();
const { jobs } = runPolicy(policy, runOptions(plant({ trace, load: undefined, duration: days * DAY_S })), () => {
  decisions++;
});
const used = process.cpuUsage(cpu);
const seconds = Number(((performance.now() - started) / 1_000).toFixed(2));
globalThis.gc?.();
console.log(
  JSON.stringify({
    days,
    decisions,
    jobs,
    seconds,
    cpuSeconds: Number(((used.user + used.system) / 1e6).toFixed(2)),
    heapMb: Number((process.memoryUsage().heapUsed / 1e6).toFixed(1)),
  }),
);
