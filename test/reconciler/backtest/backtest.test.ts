/** The whole: peers as an independent simulator found them, targetWait's marks on small loads, and what the command prints. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { backtest, runOptions, type Setup } from '../../../reconciler/backtest/backtest.ts';
import { best, comparePeer } from '../../../reconciler/backtest/compare.ts';
import { generate } from '../../../reconciler/backtest/generate.ts';
import { page } from '../../../reconciler/backtest/html.ts';
import { PEER_NAMES } from '../../../reconciler/backtest/peers/index.ts';
import { progress } from '../../../reconciler/backtest/progress.ts';
import type { Result } from '../../../reconciler/backtest/result.ts';
import { runPolicy } from '../../../reconciler/backtest/run.ts';
import { parseSampler } from '../../../reconciler/backtest/service-time.ts';
import { readTrace } from '../../../reconciler/backtest/trace.ts';
import { command as run } from '../../support/command.ts';
import { policyOf } from '../../support/policy.ts';

const file = (name: string): string => fileURLToPath(new URL(`../../../examples/traces/${name}.csv`, import.meta.url));

function setup(given: Partial<Setup> & Pick<Setup, 'trace'>): Setup {
  return {
    load: 10,
    duration: undefined,
    serviceTime: parseSampler('lognormal:10s/1'),
    startUp: parseSampler('45s'),
    concurrency: 1,
    workers: 1,
    stopTimeout: 30,
    visibilityTimeout: 300,
    protection: false,
    target: 60,
    metricLag: 60,
    countDelay: 0,
    countNoise: 0,
    countShards: 1,
    countMisses: 0,
    countGhosts: 0,
    errorRate: 0,
    seed: 1,
    ...given,
  };
}

const targetWait = policyOf({ minWorkers: 1, maxWorkers: 200, strategies: [{ type: 'targetWait' }] });
const facts = { min: 1, max: 200, target: 60, service: 10, concurrency: 1 };

const mean = (results: Result[], of: (r: Result) => number): number =>
  results.reduce((sum, r) => sum + of(r), 0) / results.length;

/** [trace, peer, share within a minute, worker-hours] as another simulator measured them, in one run each. */
const MEASURED: [string, string, number, number][] = [
  ['azure-llm-code', 'keda', 0.932, 21.9],
  ['mooncake-conversation', 'keda', 0.97, 12.2],
  ['azure-llm-code', 'aws-target-tracking', 0.705, 23.7],
  ['mooncake-conversation', 'aws-target-tracking', 0.721, 23.6],
  ['mooncake-conversation', 'aws-step', 0.486, 15.0],
];
for (const [name, peer, share, hours] of MEASURED)
  test(`${peer} on ${name}: as measured elsewhere, within what seeds make of an hour`, () => {
    const trace = readTrace(file(name));
    const runs = Array.from({ length: 12 }, (_, i) =>
      comparePeer(peer, facts, runOptions(setup({ trace, seed: i + 1 })), false),
    );
    const within = mean(runs, (r) => r.withinTarget);
    assert.ok(Math.abs(within / share - 1) < 0.06, `${(100 * within).toFixed(1)} % within, elsewhere ${100 * share}`);
    // An hour's cost depends on the phases of the loops: that run must lie among ours.
    const costs = runs.map((r) => r.workerHours);
    const [least, most] = [Math.min(...costs), Math.max(...costs)];
    assert.ok(0.97 * least <= hours && hours <= 1.03 * most, `${least} to ${most} hours, elsewhere ${hours}`);
  });

/** [load, start-up, service, concurrency, cost at most]; none of them was used to choose a constant. */
const LOADS: [string, string, string, number, number][] = [
  ['steady:1/s', '45s', 'lognormal:10s/1', 1, 1.25],
  ['daily:0.2-3/s', '45s', 'lognormal:10s/1', 1, 1.25],
  ['ramp:0.1-4/s', '45s', '20s+-10s', 1, 1.3],
  ['bursts:1/s+80@30m', '45s', '5s', 1, 2.6],
  ['daily:0.5-5/s', '5s', 'lognormal:10s/1', 10, 1.5],
  ['daily:0.2-2/s', '120s', 'lognormal:10s/1', 1, 1.5],
  ['daily:5-20/s', '45s', 'lognormal:1s/1', 1, 1.3],
];
for (const [load, startUp, service, concurrency, cost] of LOADS)
  test(`targetWait on ${load}, ${service} each, ${concurrency} at a time, ${startUp} to start: 99.9 % within a minute`, () => {
    const trace = generate(load, 86_400, 7);
    const options = runOptions(
      setup({
        trace,
        load: undefined,
        startUp: parseSampler(startUp),
        serviceTime: parseSampler(service),
        concurrency,
        workers: 2,
        seed: 7,
      }),
    );
    const r = runPolicy(targetWait, options);
    assert.ok(r.withinTarget >= 0.999, `${(100 * r.withinTarget).toFixed(3)} % within a minute`);
    assert.ok(
      r.workerHours <= cost * r.lowerBoundHours,
      `${(r.workerHours / r.lowerBoundHours).toFixed(2)} x the bound`,
    );
  });

test('mixed jobs: protection means no busy worker is stopped and nothing is delivered twice', () => {
  const mixed = {
    trace: generate('daily:0.02-0.15/s', 43_200, 3),
    load: undefined,
    serviceTime: parseSampler('0.8:20s+-10s,0.2:5m+-2m'),
  };
  const bare = runPolicy(targetWait, runOptions(setup(mixed)));
  const safe = runPolicy(targetWait, runOptions(setup({ ...mixed, protection: true })));
  assert.deepEqual([safe.busyKills, safe.redelivered], [0, 0]);
  assert.ok(bare.redelivered <= 0.002 * bare.jobs + 3, `${bare.redelivered} of ${bare.jobs} without protection`);
});

test('AWS errors and wrong counts: no tick breaks, and the fleet still follows', () => {
  const trace = generate('daily:0.2-2/s', 43_200, 5);
  const options = runOptions(setup({ trace, load: undefined, errorRate: 0.1, countNoise: 0.1, countDelay: 10 }));
  const ticks: string[] = [];
  const r = runPolicy(targetWait, options, ({ decision }) => ticks.push(decision.outcome));
  assert.ok(r.withinTarget > 0.99, `${r.withinTarget}`);
  assert.ok(ticks.filter((outcome) => outcome === 'unobserved').length > 100, 'errors were simulated');
});

test('the same seed gives the same result', () => {
  const trace = generate('bursts:0.5/s+50@20m', 7_200, 1);
  const once = (): Result => runPolicy(targetWait, runOptions(setup({ trace, load: undefined })));
  assert.deepEqual(once(), once());
});

test('best in hindsight: the cheapest that keeps the target, else the nearest to it', () => {
  const result = (withinTarget: number, workerHours: number): Result => ({ withinTarget, workerHours }) as Result;
  assert.equal(best([result(0.9991, 20), result(0.9999, 10), result(0.99, 5)]).workerHours, 10);
  assert.equal(best([result(0.95, 5), result(0.97, 9)]).workerHours, 9);
});

test('the page holds everything, and no text of a trace can break out of it', () => {
  const trace = { ...generate('steady:0.5/s', 3_600, 1), name: '</script><b>"x"' };
  const { results, series } = backtest({
    setup: setup({ trace, load: undefined }),
    policies: [targetWait],
    peers: ['keda', 'threshold'],
    tune: false,
    chart: true,
    report: () => {},
  });
  assert.equal(series.length, 3);
  assert.ok(
    series[0]!.decisions.length > 0 && series[0]!.decisions[0]!.because.includes('targetWait'),
    'reasons are kept',
  );
  const bill = { pricePerWorkerHour: 0.05, leastHours: 1 };
  const html = page({ trace: trace.name, plant: { load: 'all' }, results, series, bill, target: 60 });
  assert.ok(!html.includes('</script><b>'), 'escaped');
  assert.ok(!/(?:src|href)=|https?:\/\/(?!www\.w3\.org)/.test(html), 'nothing is loaded from anywhere');
  const data = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(html)![1]!;
  assert.equal(JSON.parse(data).series[1].controller, 'keda');
});

test('progress: silent at first, then a line now and then', () => {
  const written: string[] = [];
  let now = 0;
  const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  const bar = progress(stream, () => now);
  for (; now <= 25_000; now += 100) bar.report('keda', now / 25_000);
  bar.end();
  assert.deepEqual(written, ['  4 %  keda\n', ' 44 %  keda\n', ' 84 %  keda\n']);
});

const command = (...args: string[]) => run('backtest', ...args);

test('--json: the shape that programs rely on', async () => {
  const { out, status } = await command('--trace', file('mooncake-conversation'), '--compare', 'keda', '--json');
  assert.equal(status, 0);
  const { trace, plant, price, least, results } = JSON.parse(out);
  assert.equal(trace, 'mooncake-conversation');
  assert.deepEqual([price.perWorkerHour, price.currency], [0.04937, 'USD']);
  assert.ok(least.workerHours > 0 && results.every((r: Result) => r.workerHours > least.workerHours));
  assert.equal(plant.concurrency, 1);
  assert.deepEqual(
    results.map((r: Result) => r.controller),
    ['sluice target-wait', 'keda'],
  );
  assert.deepEqual(Object.keys(results[0]), [
    'controller',
    'settings',
    'jobs',
    'withinTarget',
    'wait',
    'workerHours',
    'lowerBoundHours',
    'scaleActions',
    'reversals',
    'redelivered',
    'busyKills',
    'peakBacklog',
    'dollars',
  ]);
  assert.deepEqual(Object.keys(results[0].wait), ['p50', 'p95', 'p99', 'max']);
});

test('the table names every peer, and --tune finds no worse a setting than the stock one', async () => {
  const load = ['--generate', 'bursts:0.5/s+50@20m', '--duration', '2h', '--json'];
  const stock = JSON.parse((await command(...load, '--compare', 'all')).out).results as Result[];
  const tuned = JSON.parse((await command(...load, '--compare', 'all', '--tune')).out).results as Result[];
  assert.deepEqual(stock.map((r) => r.controller).slice(1), PEER_NAMES);
  stock.slice(1).forEach((r, i) => {
    const t = tuned[i + 1]!;
    const kept = r.withinTarget >= 0.999;
    assert.ok(
      kept ? t.workerHours <= r.workerHours : t.withinTarget >= r.withinTarget,
      `${t.controller}: ${t.settings}`,
    );
  });
});

test('--html writes the page', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-backtest-'));
  try {
    const to = join(folder, 'page.html');
    const { status, out } = await command('--generate', 'steady:0.2/s', '--duration', '30m', '--html', to);
    assert.equal(status, 0);
    assert.match(out, /within target/);
    assert.match(readFileSync(to, 'utf8'), /^<!doctype html>/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

for (const [args, status, says] of [
  [[], 2, /a backtest needs a load[\s\S]*--trace FILE/],
  [['--trace', 'a.csv', '--generate', 'steady:1/s'], 2, /takes one load/],
  [['--trace', 'no-such.csv'], 1, /there is no file no-such.csv/],
  [['--generate', 'steady:fast'], 2, /"fast" is not a rate/],
  [['--generate', 'steady:1/s', '--service', '10'], 2, /--service: .*is not a duration/],
  [['--generate', 'steady:1/s', '--concurrency', '0'], 2, /--concurrency 0/],
  [['--generate', 'steady:1/s', '--error-rate', '2'], 2, /--error-rate 2 is not a share/],
  [['--generate', 'steady:1/s', '--compare', 'hpa'], 2, /unknown peer[\s\S]*keda/],
  [['--generate', 'steady:1/s', '--tune'], 2, /--compare all/],
  [['--generate', 'steady:1/s', '--policy', 'no-such.yaml'], 1, /no file no-such.yaml/],
] as [string[], number, RegExp][])
  test(`wrong use: ${args.join(' ') || 'nothing'}`, async () => {
    const { status: found, err } = await command(...args);
    assert.equal(found, status);
    assert.match(err, says);
  });

test.run();
