/** Computes the monthly costs of a stack: its calls and metrics (test/infra/aws/costs.test.ts counts them) times AWS's
 * prices. */

/** List prices in USD in us-east-1, without the free tier. They do not come from a live price page: check them before you
 * budget. */
export const PRICES = {
  /** Per vCPU and hour, per GB and hour (Fargate, Linux). */
  fargate: { ARM64: { cpu: 0.03238, memory: 0.00356 }, X86_64: { cpu: 0.04048, memory: 0.004445 } },
  /** Per public IPv4 address and hour. */
  publicAddress: 0.005,
  /** Per NAT gateway and hour, for comparison. */
  natGateway: 0.045,
  /** Per million requests (standard queues). */
  sqs: 0.4,
  /** Per thousand metrics that GetMetricData returns. */
  metricRead: 0.01,
  /** Per custom metric, the first ten thousand. */
  customMetric: 0.3,
  /** Per standard-resolution alarm. */
  alarm: 0.1,
  dashboard: 3,
  /** Per GB of log taken in; storing it is 0.03 a month. */
  logs: 0.5,
} as const;

export const HOURS = 730;
export const SECONDS = HOURS * 3_600;

/** The intervals that cause calls, in seconds. */
export interface Pace {
  /** `spec.interval` of a policy. */
  interval: number;
  tasksInterval: number;
  metricsInterval: number;
  pollInterval: number;
}
export const DEFAULT_PACE: Pace = { interval: 10, tasksInterval: 30, metricsInterval: 60, pollInterval: 15 };

/** The metrics in each read of a queue: age, sent, received, deleted. */
export const METRICS_PER_READ = 4;
/** Members of the EMF line of a policy; see reconciler/report/emf.ts. */
export const METRICS_PER_POLICY = 6;
/** The metrics that CloudWatch makes of log lines; see alarms.ts. */
export const METRICS_PER_STACK = 6;
/** Bytes of one decision record with its EMF line, in a quiet minute. */
export const BYTES_PER_MINUTE = 2_100;

/** Returns the calls of one policy in `seconds`. Calls of ECS and SSM cost nothing, but have rate limits. */
export function callsOfPolicy(pace: Pace, seconds: number): Record<string, number> {
  const every = (interval: number): number => Math.round(seconds / Math.max(interval, pace.interval));
  return {
    'sqs:GetQueueAttributes': Math.round(seconds / pace.interval),
    'ecs:DescribeServices': Math.round(seconds / pace.interval),
    'ecs:ListTasks': every(pace.tasksInterval),
    'ecs:DescribeTasks': every(pace.tasksInterval),
    'cloudwatch:GetMetricData': every(pace.metricsInterval),
  };
}

/** Returns the calls of the stack in `seconds`, for up to ten policies. Each ten more need one more page. */
export function callsOfStack(pace: Pace, seconds: number): Record<string, number> {
  return {
    'ssm:GetParametersByPath': 2 * Math.round(seconds / pace.pollInterval),
    // A long poll of 20 s.
    'sqs:ReceiveMessage': Math.round(seconds / 20),
  };
}

export interface Item {
  what: string;
  /** USD a month. */
  cost: number;
  how: string;
}

const thousands = (n: number): string => Math.round(n).toLocaleString('en-US');
const usd = (n: number): string => n.toFixed(2);

/** Returns the monthly costs that each policy adds. */
export function policyItems(pace: Pace = DEFAULT_PACE): Item[] {
  const calls = callsOfPolicy(pace, SECONDS);
  const reads = calls['cloudwatch:GetMetricData']! * METRICS_PER_READ;
  const gigabytes = (BYTES_PER_MINUTE * (SECONDS / 60)) / 1e9;
  return [
    {
      what: 'queue depth',
      cost: (calls['sqs:GetQueueAttributes']! / 1e6) * PRICES.sqs,
      how: `${thousands(calls['sqs:GetQueueAttributes']!)} GetQueueAttributes`,
    },
    { what: 'age and rates', cost: (reads / 1e3) * PRICES.metricRead, how: `${thousands(reads)} metrics read` },
    {
      what: 'its own metrics',
      cost: METRICS_PER_POLICY * PRICES.customMetric,
      how: `${METRICS_PER_POLICY} custom metrics (EMF)`,
    },
    { what: 'alarm on the age', cost: PRICES.alarm, how: '1 alarm' },
    { what: 'log', cost: gigabytes * PRICES.logs, how: `${Math.round(gigabytes * 1_000)} MB of decisions` },
    {
      what: 'ECS calls',
      cost: 0,
      how: `${thousands(calls['ecs:DescribeServices']! + 2 * calls['ecs:ListTasks']!)}, not billed`,
    },
  ];
}

/** Returns the monthly costs of a stack without a policy. `vcpu` is a fraction, `memory` is in GB. */
export function stackItems(
  architecture: 'ARM64' | 'X86_64' = 'ARM64',
  { vcpu, memory }: { vcpu: number; memory: number } = { vcpu: 0.25, memory: 0.5 },
  pace: Pace = DEFAULT_PACE,
): Item[] {
  const calls = callsOfStack(pace, SECONDS);
  const { cpu, memory: gb } = PRICES.fargate[architecture];
  return [
    {
      what: `Fargate task, ${architecture}`,
      cost: HOURS * (vcpu * cpu + memory * gb),
      how: `${vcpu} vCPU, ${memory} GB, ${HOURS} h`,
    },
    { what: 'public address', cost: HOURS * PRICES.publicAddress, how: 'one IPv4 address; none in a private subnet' },
    {
      what: 'wake-up',
      cost: (calls['sqs:ReceiveMessage']! / 1e6) * PRICES.sqs,
      how: `${thousands(calls['sqs:ReceiveMessage']!)} long polls; the events of AWS services are free`,
    },
    { what: 'alarms', cost: METRICS_PER_STACK * PRICES.alarm, how: `${METRICS_PER_STACK} alarms on the log` },
    {
      what: 'metrics of the log',
      cost: METRICS_PER_STACK * PRICES.customMetric,
      how: `${METRICS_PER_STACK} custom metrics, if all of them occur`,
    },
    { what: 'dashboard', cost: PRICES.dashboard, how: '1; the first three of an account are free' },
    {
      what: 'parameters',
      cost: 0,
      how: `${thousands(calls['ssm:GetParametersByPath']!)} GetParametersByPath; standard parameters are free`,
    },
  ];
}

export const total = (items: readonly Item[]): number => items.reduce((sum, { cost }) => sum + cost, 0);

/** Returns the items as a Markdown table with the total at its end. */
export function costTable(items: readonly Item[]): string {
  const rows = items.map(({ what, cost, how }) => `| ${what} | ${usd(cost)} | ${how} |`);
  return ['| what | USD a month | how |', '|---|---:|---|', ...rows, `| **sum** | **${usd(total(items))}** | |`].join(
    '\n',
  );
}
