import type { Command } from 'commander';
import { PEER_NAMES } from '../backtest/peers/index.ts';
import { type BacktestOptions, backtestCommand } from './backtest/command.ts';
import { DEFAULT_PRICE } from './backtest/price.ts';
import type { Configure } from './command.ts';
import { withAws, withJson } from './options.ts';

const EXAMPLES = `
Try:
  sluice backtest --generate bursts:0.5/s+100@15m --compare all
  sluice backtest --policy my.yaml --from-cloudwatch my-queue --since 7d --html report.html`;

export const configure: Configure = (command, exit) => {
  withLoad(command.option('--policy <file>', 'the policy (default: targetWait 60s, 1 to 200 workers)'));
  withPlant(command)
    .option('--compare <peers>', `compare with all, or with some of: ${PEER_NAMES.join(', ')}`)
    .option('--tune', 'give each peer its best setting in hindsight')
    .option(
      '--price-worker-hour <price>',
      'dollars for a worker and hour, or its size on Fargate as VCPU/GB (us-east-1; 0.5/1-arm for ARM64)',
      DEFAULT_PRICE,
    )
    .option('--html <file>', 'write a page with charts and decisions')
    .option('--markdown', 'print the table in Markdown, for a pull request')
    .option(
      '--fail-under <percent>',
      "exit with 1 when less than this share is within the policy's target, such as 99.9",
    );
  withAws(withJson(command))
    .addHelpText('after', EXAMPLES)
    .action(async (options: BacktestOptions) => exit(await backtestCommand(options)));
};

const withLoad = (command: Command): Command =>
  command
    .option('--trace <csv>', 'a recorded load: CSV with the header t_s,arrivals')
    .option('--generate <spec>', 'generated arrivals: steady:1/s, daily:0.2-2/s, ramp:0.1-5/s, bursts:0.5/s+100@15m')
    .option('--from-cloudwatch <queue>', 'the past of a queue, from its CloudWatch metrics')
    .option('--since <d>', 'length of that past, at most 15d', '14d')
    .option('--duration <d>', 'play only this much of the load (generated arrivals: 1d unless given)')
    .option('--load <n>', 'scale the trace down to n busy workers on average; "all" plays it unchanged');

/** Adds the flags of the plant. Their defaults are those of every comparison in docs/benchmarks.md. */
const withPlant = (command: Command): Command =>
  command
    .option(
      '--service <spec>',
      'service time of a job: 10s, 20s+-10s, lognormal:10s/1, exponential:10s, or a mix 0.8:20s+-10s,0.2:5m',
    )
    .option('--concurrency <n>', 'messages that one worker handles at a time', '1')
    .option('--start-up <spec>', 'time from a higher desired count to the first receive, in the same notation', '45s')
    .option('--workers <n>', 'workers at the start', '1')
    .option('--stop-timeout <d>', 'time that a stopped worker has to finish its jobs', '30s')
    .option('--visibility-timeout <d>', 'time after which the message of a killed worker returns', '5m')
    .option('--target <d>', "longest acceptable wait (default: the policy's targetWait, or 60s)")
    .option('--metric-lag <d>', 'delay of the CloudWatch metrics', '60s')
    .option(
      '--counts <model>',
      'queue counts: exact, or sqs (5 s late, 10 % wrong, ghosts, 2 % of the calls fail); the flags below change either',
      'exact',
    )
    .option('--count-delay <d>', 'age of the queue counts, up to 60s')
    .option('--count-noise <share>', 'largest relative error of a queue count')
    .option('--count-shards <n>', 'parts of the queue that report each on its own, with an age of its own')
    .option('--count-misses <share>', 'share of those parts that a look misses')
    .option('--count-ghosts <share>', 'share of the minutes in which an empty count reads 1 or 2')
    .option('--error-rate <share>', 'share of AWS calls that fail')
    .option('--seed <n>', 'seed of every random number', '1')
    .option(
      '--last-poll <how>',
      'workers that stop: finish their poll, cancel it (plain boto3, Celery) or drop what it brings (TaskIQ)',
      'finish',
    )
    .option('--protection', 'workers protect themselves while they hold a message (ECS task scale-in protection)');
