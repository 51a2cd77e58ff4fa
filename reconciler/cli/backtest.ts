/** `sluice backtest`: names, flags and help. What it does stands in backtest/, loaded when it is called. */
import type { Command } from 'commander';

/** Flags of the plant, with the defaults of every comparison in docs/benchmarks.md. */
export const PLANT_FLAGS = [
  [
    '--service <spec>',
    'how long jobs take: 10s, 20s+-10s, lognormal:10s/1, exponential:10s, or a mix 0.8:20s+-10s,0.2:5m',
    undefined,
  ],
  ['--concurrency <n>', 'messages that one worker handles at a time', '1'],
  ['--start-up <spec>', 'from the rise of the count to the first receive, in the same notation', '45s'],
  ['--workers <n>', 'workers at the start', '1'],
  ['--stop-timeout <d>', 'what a stopped worker may still finish', '30s'],
  ['--visibility-timeout <d>', 'when the message of a killed worker comes back', '5m'],
  ['--target <d>', "waits up to this count as within the target (default: the policy's targetWait, or 60s)", undefined],
  ['--metric-lag <d>', "when a minute's point of CloudWatch can be read", '60s'],
  ['--count-delay <d>', "by how much the queue's counts are behind", '0s'],
  ['--count-noise <share>', "by what share the queue's counts may be off", '0'],
  ['--error-rate <share>', 'share of AWS calls that fail', '0'],
  ['--seed <n>', 'seed of everything random', '1'],
] as const;

export function addBacktest(program: Command, done: (status: number) => void): void {
  const command = program
    .command('backtest')
    .description('the same decisions as in production, against a simulated queue and fleet; days pass in seconds')
    .option('--policy <file>', 'the policy (default: targetWait 60s, 1 to 200 workers)')
    .option('--trace <csv>', 'arrivals, with the header t_s,arrivals')
    .option('--generate <spec>', 'or made ones: steady:1/s, daily:0.2-2/s, ramp:0.1-5/s, bursts:0.5/s+100@15m')
    .option('--from-cloudwatch <queue>', "or a queue's own past, from its CloudWatch metrics")
    .option('--since <d>', 'how much of that past, at most 15d', '14d')
    .option('--duration <d>', 'play only so much of the load (of a made one: 1d unless given)')
    .option('--load <busy>', 'thin a trace so that so many workers are busy on average; "all" plays it as it is');
  for (const [flag, help, fallback] of PLANT_FLAGS)
    if (fallback === undefined) command.option(flag, help);
    else command.option(flag, help, fallback);
  command
    .option('--protection', 'workers protect themselves while they hold a message (ECS task scale-in protection)')
    .option(
      '--compare <peers>',
      'all, or some of: keda, keda-behavior, aws-target-tracking, aws-target-tracking-late, aws-step, wpa, nomad, threshold',
    )
    .option('--tune', 'give each peer its best setting in hindsight')
    .option('--html <file>', 'write one page with charts and decisions')
    .option('--json', 'print JSON')
    .option('--region <region>', 'AWS region (else AWS_REGION or the profile)')
    .option('--local', 'talk to the embedded AWS of the `sluice up` that runs in this folder')
    .addHelpText(
      'after',
      `
Try:
  sluice backtest --generate bursts:0.5/s+100@15m --compare all
  sluice backtest --policy my.yaml --from-cloudwatch my-queue --since 7d --html report.html`,
    )
    .action(async (options) => done(await (await import('./backtest/command.ts')).backtestCommand(options)));
}
