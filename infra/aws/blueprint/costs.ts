/**
 * Computes the monthly costs of a stack: its calls, metrics and log bytes (test/infra/aws/costs.test.ts counts them while
 * the code makes them) times AWS's prices.
 */
import { INTERFACE_ENDPOINTS } from './network.ts';
import { PRICES } from './prices.ts';

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

/**
 * Reads of CloudWatch's metrics, as multiples of `metricsInterval`: the age of the oldest message and the deletions, and the rest of
 * the rates. See reconciler/observe/metrics-pace.ts.
 */
const AGE_EVERY = 2;
const RATES_EVERY = 10;
/** Members of the EMF line of a policy; see reconciler/report/emf.ts. */
export const METRICS_PER_POLICY = 6;
/** Metrics of the whole reconciler: those of its log, and those that it counts (reconciler/report/stack-metrics.ts). */
export const METRICS_PER_STACK = 7;
/** Alarms of the stack itself; see alarms.ts. */
export const ALARMS_PER_STACK = 7;
/** Bytes of one decision record in a quiet minute, once a policy with targetWait has learned for hours. */
export const BYTES_PER_MINUTE = 4_900;

/** Seconds between two renewals of the lease, and between two looks of a standby; see reconciler/lead/lease.ts. */
export const LEASE_PACE = { renew: 5, look: 2 };

/** Returns the calls of one policy in `seconds`, while its queue holds messages and an alert looks at their age. */
export function callsOfPolicy(pace: Pace, seconds: number): Record<string, number> {
  const every = (interval: number): number => Math.round(seconds / Math.max(interval, pace.interval));
  return {
    'sqs:GetQueueAttributes': Math.round(seconds / pace.interval),
    'ecs:DescribeServices': Math.round(seconds / pace.interval),
    'ecs:ListTasks': every(pace.tasksInterval),
    'ecs:DescribeTasks': every(pace.tasksInterval),
    // While messages are in flight: whether the tasks protect themselves.
    'ecs:GetTaskProtection': every(2 * pace.tasksInterval),
    'cloudwatch:GetMetricData': every(AGE_EVERY * pace.metricsInterval),
  };
}

/** The metrics that a policy asks for, by their use. */
export interface MetricsRead {
  age: number;
  deleted: number;
  /** Messages sent and received. */
  rates: number;
}

/**
 * Returns the metrics that these calls ask for in `seconds`, once the first half hour is over, while no experiment runs and the oldest
 * message is younger than the alert's limit.
 */
export function metricsRead({ metricsInterval, interval }: Pace, seconds: number): MetricsRead {
  const every = (periods: number): number => Math.round(seconds / Math.max(periods * metricsInterval, interval));
  return { age: every(AGE_EVERY), deleted: every(AGE_EVERY), rates: 2 * every(RATES_EVERY) };
}

/** Returns the calls of the stack in `seconds`, for up to ten policies. Each ten more need one more page. */
export function callsOfStack(pace: Pace, seconds: number): Record<string, number> {
  return {
    'ssm:GetParametersByPath': 2 * Math.round(seconds / pace.pollInterval),
    // A long poll of 20 s.
    'sqs:ReceiveMessage': Math.round(seconds / 20),
  };
}

const ecsCalls = (calls: Record<string, number>): number =>
  Object.entries(calls).reduce((sum, [action, count]) => sum + (action.startsWith('ecs:') ? count : 0), 0);

export interface Item {
  what: string;
  /** USD a month. */
  cost: number;
  how: string;
}

const thousands = (n: number): string => Math.round(n).toLocaleString('en-US');
const usd = (n: number): string => n.toFixed(2);

/** Returns the cost of each policy, for a queue that always holds messages. */
export function policyItems(pace: Pace = DEFAULT_PACE): Item[] {
  const calls = callsOfPolicy(pace, SECONDS);
  const { age, deleted, rates } = metricsRead(pace, SECONDS);
  const gigabytes = (BYTES_PER_MINUTE * (SECONDS / 60)) / 1e9;
  const perMetric = PRICES.metricRead / 1e3;
  return [
    queueDepth(pace),
    { what: 'age of the oldest message', cost: age * perMetric, how: `${thousands(age)} metrics read` },
    { what: 'messages deleted', cost: deleted * perMetric, how: `${thousands(deleted)} metrics read` },
    { what: 'messages sent and received', cost: rates * perMetric, how: `${thousands(rates)} metrics read` },
    { what: 'alarm on the age', cost: PRICES.alarm, how: '1 alarm' },
    { what: 'log', cost: gigabytes * PRICES.logs, how: `${Math.round(gigabytes * 1_000)} MB of decisions` },
    {
      what: 'ECS calls',
      cost: 0,
      how: `${thousands(ecsCalls(calls))}, not billed`,
    },
  ];
}

/** The queue is read as often by a standby as by the leader. */
function queueDepth(pace: Pace): Item {
  const calls = callsOfPolicy(pace, SECONDS)['sqs:GetQueueAttributes']!;
  return { what: 'queue depth', cost: (calls / 1e6) * PRICES.sqs, how: `${thousands(calls)} GetQueueAttributes` };
}

/** Returns the cost of the stack with one task, without any policy. `vcpu` is a fraction, `memory` is in GB. */
export function stackItems(
  architecture: 'ARM64' | 'X86_64' = 'ARM64',
  { vcpu, memory }: { vcpu: number; memory: number } = { vcpu: 0.25, memory: 0.5 },
  pace: Pace = DEFAULT_PACE,
): Item[] {
  const calls = callsOfStack(pace, SECONDS);
  const { cpu, memory: gb } = PRICES.fargate[architecture];
  const renewals = SECONDS / LEASE_PACE.renew;
  return [
    {
      what: `Fargate task, ${architecture}`,
      cost: HOURS * (vcpu * cpu + memory * gb),
      how: `${vcpu} vCPU, ${memory} GB, ${HOURS} h`,
    },
    {
      what: 'wake-up',
      cost: (calls['sqs:ReceiveMessage']! / 1e6) * PRICES.sqs,
      how: `${thousands(calls['sqs:ReceiveMessage']!)} long polls; the events of AWS services are free`,
    },
    { what: 'alarms', cost: ALARMS_PER_STACK * PRICES.alarm, how: `${ALARMS_PER_STACK} alarms` },
    {
      what: 'metrics',
      cost: METRICS_PER_STACK * PRICES.customMetric,
      how: `${METRICS_PER_STACK} custom metrics, if all of them occur in the month`,
    },
    {
      what: 'lease',
      cost: (renewals * PRICES.dynamoWrite) / 1e6,
      how: `${thousands(renewals)} writes of DynamoDB on demand`,
    },
    {
      what: 'parameters',
      cost: 0,
      how: `${thousands(calls['ssm:GetParametersByPath']!)} GetParametersByPath; standard parameters are free`,
    },
  ];
}

/** Returns what a second task adds for one policy. It reads no CloudWatch metrics, logs no decisions, and polls no wake-ups. */
export function standbyItems(architecture: 'ARM64' | 'X86_64' = 'ARM64', pace: Pace = DEFAULT_PACE): Item[] {
  const looks = SECONDS / LEASE_PACE.look;
  return [
    stackItems(architecture)[0]!,
    { what: 'lease', cost: (looks * PRICES.dynamoRead) / 1e6, how: `${thousands(looks)} reads of DynamoDB on demand` },
    queueDepth(pace),
  ];
}

/** Returns the cost of everything that not every stack has. */
export function optionalItems(pace: Pace = DEFAULT_PACE): Item[] {
  const calls = { ...callsOfPolicy(pace, SECONDS), ...callsOfStack(pace, SECONDS) };
  // CloudTrail records management events; GetMetricData and the long polls of SQS are not among them.
  const managed = Object.entries(calls)
    .filter(([action]) => !/GetMetricData|ReceiveMessage/.test(action))
    .reduce((sum, [, count]) => sum + count, 0);
  return [
    {
      what: 'public address',
      cost: HOURS * PRICES.publicAddress,
      how: 'one IPv4 address for each task; none in a private subnet',
    },
    { what: 'NAT gateway', cost: HOURS * PRICES.natGateway, how: 'one, without its traffic' },
    {
      what: 'interface endpoints of a private network',
      cost: 2 * INTERFACE_ENDPOINTS.length * HOURS * PRICES.interfaceEndpoint,
      how: `${INTERFACE_ENDPOINTS.length} endpoints in two zones, without their traffic`,
    },
    {
      what: "CloudTrail's second copy",
      cost: (managed / 1e5) * PRICES.managementEvents,
      how: `${thousands(managed)} management events of one policy, and about as many of a standby; the first trail of an account is free`,
    },
    { what: 'dashboard', cost: PRICES.dashboard, how: '1; the first three of an account are free' },
    {
      what: 'six metrics for each policy',
      cost: METRICS_PER_POLICY * PRICES.customMetric,
      how: `\`policyMetrics\`: ${METRICS_PER_POLICY} custom metrics`,
    },
  ];
}

export const total = (items: readonly Item[]): number => items.reduce((sum, { cost }) => sum + cost, 0);

/** Returns the items as a Markdown table. */
export function itemTable(items: readonly Item[]): string {
  const rows = items.map(({ what, cost, how }) => `| ${what} | ${usd(cost)} | ${how} |`);
  return ['| what | USD a month | how |', '|---|---:|---|', ...rows].join('\n');
}

/** Returns the items as a Markdown table, the total last. */
export const costTable = (items: readonly Item[]): string =>
  `${itemTable(items)}\n| **sum** | **${usd(total(items))}** | |`;

/** Returns the cost of a stack of one task or two with so many policies. */
export function bill(policies: number, tasks: 1 | 2, pace: Pace = DEFAULT_PACE): number {
  const alone = total(stackItems('ARM64', undefined, pace)) + policies * total(policyItems(pace));
  if (tasks === 1) return alone;
  return alone + total(standbyItems('ARM64', pace)) + (policies - 1) * queueDepth(pace).cost;
}

/** Returns the bill at several paces of one policy, with the stack, as a Markdown table. */
export function paceTable(intervals: readonly number[], tasks: 1 | 2): string {
  const rows = intervals.map((interval) => {
    const pace = { ...DEFAULT_PACE, interval, tasksInterval: Math.max(30, interval) };
    const policy = total(policyItems(pace));
    const stacks = [1, 10, 100].map((policies) => usd(bill(policies, tasks, pace)));
    return `| ${interval} s | ${usd(policy)} | ${stacks.join(' | ')} |`;
  });
  const head = '| `interval` | one policy | stack with 1 | with 10 | with 100 |';
  return [head, '|---|---:|---:|---:|---:|', ...rows].join('\n');
}

/** Returns the prices with their sources, as a Markdown table. */
export const priceTable = (rows: readonly (readonly [string, number, string])[]): string =>
  [
    '| price | USD | source |',
    '|---|---:|---|',
    ...rows.map(([what, price, source]) => `| ${what} | ${price} | ${source} |`),
  ].join('\n');
