/** Reads and checks the configuration of a stack. An error names its key, before anything is made. */
import { z } from 'zod';
import { RECONCILERS } from './blueprint/containers.ts';

const path = z
  .string()
  .regex(/^\/([\w.-]+\/)+$/, 'must be a parameter path that starts and ends in a slash, such as /sluice/prod/');
const name = z.string().regex(/^[\w-]{1,255}$/, 'must be a name of letters, digits, - and _');
/** A name that may end in a star. A lone star is refused: nobody wants a policy for all queues of an account. */
const pattern = z.string().regex(/^[\w.-]+\*?$/, 'must be a name; a * may end it, but not be all of it');
const subnet = z.string().regex(/^subnet-[\w-]+$/, 'must be a subnet id such as subnet-0123456789abcdef0');
const queue = z.string().regex(/^[\w-]{1,75}(\.fifo)?$/, 'must be a queue name');
const count = z.int().min(0).max(1_000);
const arn = (service: string, rest: string, example: string) =>
  z
    .string()
    .regex(new RegExp(`^arn:[\\w-]+:${service}:[\\w-]*:(\\d{12}|aws):${rest}$`), `must be an ARN such as ${example}`);

/** The numbers of days that CloudWatch Logs accepts. */
const RETENTION = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
/** Fargate's sizes as far as a reconciler may want them: CPU units to MiB. */
const SIZES: Record<string, number[]> = {
  '256': [512, 1024, 2048],
  '512': [1024, 2048, 3072, 4096],
  '1024': [2048, 3072, 4096],
};

const starterPolicy = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,128}$/),
  starter: name.default('observe-only'),
  queue,
  /** The dead-letter queue of `queue`, for the reports of experiments. */
  deadLetters: queue.optional(),
  cluster: name,
  service: name,
  /** Left out: as the starter has it. */
  mode: z.enum(['enforce', 'observe', 'paused']).optional(),
});

const network = z.strictObject({
  vpcId: z.string().regex(/^vpc-[\w-]+$/),
  subnetIds: z.array(subnet).min(1).max(16),
  assignPublicIp: z.boolean().default(false),
});

const faults = z.strictObject({
  stopTask: z.boolean().default(false),
  queuePolicy: z.boolean().default(false),
  /** True: the workers are in the subnets of `network`; or the subnets that they are in. */
  securityGroup: z.union([z.boolean(), z.array(subnet).min(1).max(16)]).default(false),
  flags: z.boolean().default(false),
  alarms: z.boolean().default(false),
});

const demo = z
  .strictObject({ fifo: z.boolean().default(false), minWorkers: count.default(1), maxWorkers: count.default(5) })
  .refine((d) => d.minWorkers <= d.maxWorkers, 'minWorkers must not be above maxWorkers');

const schema = z.strictObject({
  image: z
    .string({
      error: 'name the image that you pushed: pulumi config set sluice:image REPOSITORY:TAG; see docs/deploy.md',
    })
    .min(1),
  /** The ECR repository of the image; none for a public one. */
  repositoryArn: arn('ecr', 'repository/.+', 'arn:aws:ecr:eu-west-1:111122223333:repository/sluice').optional(),
  architecture: z.enum(['ARM64', 'X86_64']).default('ARM64'),
  /** Tasks of the reconciler: one leads, the others stand by. */
  reconcilers: z.int().min(1).max(5).default(RECONCILERS),
  cpu: z.enum(['256', '512', '1024']).default('256'),
  memory: z.int().default(512),
  /** The name of an existing cluster; without it the stack makes one. */
  cluster: name.optional(),
  /** An existing network; without it the stack makes a VPC with two public subnets. */
  network: network.optional(),
  /** The path below which the stack keeps its parameters; without it `/sluice/STACK/`. */
  root: path.optional(),
  policies: z.array(starterPolicy).max(100).default([]),
  /** Queues and services beyond those of `policies`, for documents that are written later. */
  queues: z.array(pattern).max(100).default([]),
  services: z
    .array(z.strictObject({ cluster: pattern, service: pattern }))
    .max(100)
    .default([]),
  faults: faults.prefault({}),
  /** False leaves out the denials that hold ecs:UpdateService to the count; see docs/permissions.md. */
  countOnly: z.boolean().default(true),
  rolePath: z
    .string()
    .regex(/^\/([\w+=,.@-]+\/)*$/, 'must be an IAM path such as /platform/')
    .default('/'),
  permissionsBoundary: arn('iam', 'policy/.+', 'arn:aws:iam::111122223333:policy/boundary').optional(),
  /** Encrypts the log, the alarm topic and the token; without it AWS's own keys do. */
  kmsKeyArn: arn('kms', 'key/.+', 'arn:aws:kms:eu-west-1:111122223333:key/UUID').optional(),
  /** Makes the role that ECS itself works with, for an account that never used ECS. */
  serviceLinkedRole: z.boolean().default(false),
  wakeUp: z.boolean().default(true),
  demo: demo.optional(),
  alarmEmails: z.array(z.email()).max(10).default([]),
  /** Seconds. */
  oldestAgeAlarm: z.int().min(60).max(1_209_600).default(600),
  dashboard: z.boolean().default(false),
  /** Six CloudWatch metrics for each policy, beside those of the stack. */
  policyMetrics: z.boolean().default(false),
  logRetentionDays: z
    .int()
    .refine((d) => RETENTION.includes(d), `must be one of ${RETENTION.join(', ')}`)
    .default(30),
  logLevel: z.enum(['debug', 'info', 'warn']).default('info'),
  /** The namespace of the stack's metrics; without it `Sluice/STACK`. */
  metricsNamespace: z
    .string()
    .regex(/^(?!AWS\/)[\w./#:-]{1,255}$/, 'must be a namespace that does not start with AWS/')
    .optional(),
  /** An endpoint instead of AWS's own, for LocalStack. */
  endpoint: z.url().optional(),
  waitForSteadyState: z.boolean().default(true),
});

export type StackConfig = z.output<typeof schema>;
export type StackConfigInput = z.input<typeof schema>;

/** The keys that a stack may set, beside the secret `token`. */
export const CONFIG_KEYS = Object.keys(schema.shape) as (keyof StackConfig)[];

/** Returns the configuration with its defaults. @throws Error that names each key that is wrong, and says why */
export function parseConfig(raw: Record<string, unknown>): StackConfig {
  const parsed = schema.safeParse(raw);
  const problems = parsed.success
    ? sizeProblems(parsed.data)
    : parsed.error.issues.map((i) => `sluice:${i.path.map(String).join('.')}: ${i.message}`);
  if (!parsed.success || problems.length > 0)
    throw new Error(`the stack's configuration is not valid\n  ${problems.join('\n  ')}`);
  return parsed.data;
}

function sizeProblems({ cpu, memory, policies, demo, queues }: StackConfig): string[] {
  const problems: string[] = [];
  const sizes = SIZES[cpu] ?? [];
  if (!sizes.includes(memory))
    problems.push(`sluice:memory: Fargate offers ${sizes.join(', ')} MiB with ${cpu} CPU units, not ${memory} MiB`);
  const names = policies.map((p) => p.name);
  const twice = names.find((n, i) => names.indexOf(n) !== i);
  if (twice !== undefined) problems.push(`sluice:policies: two policies are named ${twice}`);
  if (policies.length === 0 && !demo && queues.length === 0)
    problems.push(
      'sluice:policies: name at least one policy, or queues and services, or a demo; the role could reach nothing',
    );
  return problems;
}
