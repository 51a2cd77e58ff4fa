/**
 * AWS's prices in USD, of us-east-1, without free tiers. Sluice reads no price page: each number carries where it was seen
 * and when. Other Regions cost up to a third more.
 */

const PUBLIC_PAGES = 'public price page, read for Sluice in November 2026';
const UNVERIFIED = 'unverified: list price as known, no page at hand';

export const PRICES = {
  /** Per vCPU and hour, per GB and hour (Fargate, Linux). */
  fargate: { ARM64: { cpu: 0.03238, memory: 0.00356 }, X86_64: { cpu: 0.04048, memory: 0.004445 } },
  /** Per million requests (standard queues). */
  sqs: 0.4,
  /** Per thousand metrics that GetMetricData is asked for, however many points they hold. */
  metricRead: 0.01,
  /** Per custom metric and month, the first ten thousand. */
  customMetric: 0.3,
  /** Per standard-resolution alarm and month. */
  alarm: 0.1,
  dashboard: 3,
  /** Per GB of log taken in; storing it is 0.03 a month. */
  logs: 0.5,
  /** Per public IPv4 address and hour. */
  publicAddress: 0.005,
  /** Per NAT gateway and hour. */
  natGateway: 0.045,
  /** Per interface endpoint, zone and hour. */
  interfaceEndpoint: 0.01,
  /** Per hundred thousand management events of a second trail. */
  managementEvents: 2,
  /** Per million writes of DynamoDB on demand. */
  dynamoWrite: 0.625,
  /** Per million consistent reads of DynamoDB on demand. */
  dynamoRead: 0.125,
} as const;

/** The prices with their sources, in the order of docs/costs.md. */
export const SOURCES: readonly (readonly [string, number, string])[] = [
  ['Fargate ARM64, vCPU and hour', PRICES.fargate.ARM64.cpu, PUBLIC_PAGES],
  ['Fargate ARM64, GB and hour', PRICES.fargate.ARM64.memory, PUBLIC_PAGES],
  ['Fargate x86, vCPU and hour', PRICES.fargate.X86_64.cpu, PUBLIC_PAGES],
  ['Fargate x86, GB and hour', PRICES.fargate.X86_64.memory, PUBLIC_PAGES],
  ['CloudTrail, 100,000 management events of a second copy', PRICES.managementEvents, PUBLIC_PAGES],
  ['DynamoDB on demand, a million writes', PRICES.dynamoWrite, PUBLIC_PAGES],
  ['GetMetricData, 1,000 metrics', PRICES.metricRead, 'CloudWatch documentation (copy)'],
  ['custom metric, month', PRICES.customMetric, UNVERIFIED],
  ['alarm, month', PRICES.alarm, UNVERIFIED],
  ['dashboard, month', PRICES.dashboard, UNVERIFIED],
  ['log, GB taken in', PRICES.logs, UNVERIFIED],
  ['SQS, a million requests', PRICES.sqs, UNVERIFIED],
  ['public IPv4 address, hour', PRICES.publicAddress, UNVERIFIED],
  ['DynamoDB on demand, a million reads', PRICES.dynamoRead, UNVERIFIED],
  ['NAT gateway, hour', PRICES.natGateway, UNVERIFIED],
  ['interface endpoint, zone and hour', PRICES.interfaceEndpoint, UNVERIFIED],
];
