/** Runs the Pulumi program for a stack without Pulumi's engine, and gives what it asked for. */
import { readFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';
import { parse } from 'yaml';

/** The account and the zones that the mocks answer with. */
export const ACCOUNT = '000000000000';

export interface Asked {
  /** Such as `aws:ecs/service:Service`. */
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  /** False for components. */
  custom: boolean;
  /** `TYPE::NAME`. */
  urn: string;
  parent: string;
  /** Resources that must be there before, as `TYPE::NAME`. */
  dependencies: string[];
  ignoreChanges: string[];
  /** Whether the resource outlives the stack. */
  retainOnDelete: boolean;
  /** Names of the inputs that hold a secret. */
  secrets: string[];
}

export interface Made {
  id: string;
  state: Record<string, unknown>;
}

/** Makes one resource, or pretends to. */
export type Maker = (asked: Asked) => Promise<Made> | Made;

let run = 0;

/** The text of `infra/aws/Pulumi.STACK.yaml` as the engine would hand it to the program. */
export function stackConfig(stack: string): { region: string; values: Record<string, string> } {
  const text = readFileSync(new URL(`../../infra/aws/Pulumi.${stack}.yaml`, import.meta.url), 'utf8');
  const { config } = parse(text) as { config: Record<string, unknown> };
  const values = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
  return { region: values['aws:region'] ?? 'us-east-1', values };
}

export interface StackRun {
  resources: Asked[];
  outputs: Record<string, unknown>;
  /** The one resource of this type, and with this name when there are several. */
  one: (type: string, name?: string | RegExp) => Asked;
  all: (type: string) => Asked[];
}

/** Runs `infra/aws/index.ts` with the configuration of a stack, `more` laid over it. Rejects as the program does. */
export async function runStack(
  stack: string,
  {
    more = {},
    secrets = {},
    make = pretend,
    running,
    as = stack,
  }: {
    more?: Record<string, unknown>;
    secrets?: Record<string, string>;
    make?: Maker;
    /** Another name for the stack. */
    as?: string;
    /** The task definition that ECS says a service runs, and its tasks; without it the one that was deployed, and one. */
    running?: { taskDefinition?: string; runningCount?: number };
  } = {},
): Promise<StackRun> {
  const { region, values } = stackConfig(stack);
  const resources: Asked[] = [];
  const requests = new Map<string, RegisterRequest>();
  await pulumi.runtime.setMocks(
    {
      newResource: async (args) => {
        const asked = askedOf(args, requests);
        resources.push(asked);
        return asked.custom ? make(asked) : { id: '', state: {} };
      },
      call: ({ token, inputs }) =>
        token === 'aws:ecs/getService:getService'
          ? { ...deployed(resources, String(inputs.serviceName)), ...running }
          : answer(token, region, inputs),
    },
    'sluice',
    as,
    false,
  );
  const over = Object.entries(more).map(([k, v]) => [`sluice:${k}`, typeof v === 'string' ? v : JSON.stringify(v)]);
  // Null takes a key away.
  const all = Object.entries({ ...values, ...(Object.fromEntries(over) as Record<string, string>) });
  const kept = Object.fromEntries(all.filter(([, value]) => value !== 'null'));
  const secret = Object.fromEntries(Object.entries(secrets).map(([k, v]) => [`sluice:${k}`, v]));
  noteRequests(requests);
  pulumi.runtime.setAllConfig({ ...kept, ...secret }, Object.keys(secret));
  // A query makes it another module, so that one process can run several stacks.
  const program = (await import(`../../infra/aws/index.ts?run=${++run}`)) as Record<string, unknown>;
  const outputs = await outputsOf(program);
  // Exported, but not declared; `disconnect` would also end what the next stack needs.
  await (pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }).waitForRPCs();
  const ofType = (type: string): Asked[] => resources.filter((r) => r.type === type);
  const one: StackRun['one'] = (type, name) => {
    const found = ofType(type).filter(
      (r) => name === undefined || (typeof name === 'string' ? r.name === name : name.test(r.name)),
    );
    if (found.length !== 1)
      throw new Error(
        `${found.length} resources ${type} ${name ?? ''}: ${ofType(type)
          .map((r) => r.name)
          .join(', ')}`,
      );
    return found[0]!;
  };
  return { resources, outputs, one, all: ofType };
}

/** Resolves to a program's exports. A rejection that nobody handles ends a program in Pulumi's own host; here too. */
async function outputsOf(program: Record<string, unknown>): Promise<Record<string, unknown>> {
  let fail: (reason: unknown) => void = () => {};
  try {
    return await new Promise((resolve, reject) => {
      fail = reject;
      process.on('unhandledRejection', fail);
      pulumi
        .output(program as pulumi.Unwrap<Record<string, unknown>>)
        .apply((o) => resolve(o as Record<string, unknown>));
    });
  } finally {
    process.off('unhandledRejection', fail);
  }
}

const SECRET = '4dabf18193072939515e22adb298388d';

/** The part of Pulumi's RegisterResourceRequest that mocks are not told of. */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getRetainondelete(): boolean;
}

/** Notes each request on its way to the mocks. */
function noteRequests(requests: Map<string, RegisterRequest>): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as {
    registerResource(request: RegisterRequest, callback: unknown): unknown;
  };
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    requests.set(`${request.getType()} ${request.getName()}`, request);
    return register(request, callback);
  };
}

/** `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME` without what is the same for all. */
const shortUrn = (urn: string): string => urn.replace(/^urn:pulumi:[^:]*::[^:]*::(.*\$)?/, '');

function askedOf(args: pulumi.runtime.MockResourceArgs, requests: Map<string, RegisterRequest>): Asked {
  const request = requests.get(`${args.type} ${args.name}`);
  const secrets: string[] = [];
  // Secrets arrive wrapped in an object with a well-known signature, if at all; plain text is what a test must find.
  const inputs = Object.fromEntries(
    Object.entries(args.inputs as Record<string, unknown>).map(([key, value]) => {
      const wrapped = typeof value === 'object' && value !== null && SECRET in value;
      if (wrapped) secrets.push(key);
      return [key, wrapped ? (value as unknown as { value: unknown }).value : value];
    }),
  );
  return {
    type: args.type,
    name: args.name,
    inputs,
    custom: args.custom ?? true,
    urn: `${args.type}::${args.name}`,
    parent: shortUrn(request?.getParent() ?? ''),
    dependencies: (request?.getDependenciesList() ?? []).map(shortUrn),
    ignoreChanges: request?.getIgnorechangesList() ?? [],
    retainOnDelete: request?.getRetainondelete() ?? false,
    secrets,
  };
}

/** The service as it was asked for. */
function deployed(resources: readonly Asked[], serviceName: string): Record<string, unknown> {
  const service = resources.find((r) => r.type === 'aws:ecs/service:Service' && r.inputs.name === serviceName);
  return { taskDefinition: service?.inputs.taskDefinition, runningCount: service?.inputs.desiredCount };
}

/** The zones of a Region, as EC2 describes them. */
const ZONES = [
  { name: 'atl-1a', zoneId: 'use1-atl1-az1', type: 'local-zone', optIn: 'opted-in' },
  { name: 'a', zoneId: 'use1-az3', type: 'availability-zone', optIn: 'opt-in-not-required' },
  { name: 'b', zoneId: 'use1-az4', type: 'availability-zone', optIn: 'opt-in-not-required' },
  { name: 'c', zoneId: 'use1-az6', type: 'availability-zone', optIn: 'opt-in-not-required' },
];

/** Returns the zones that pass the filters of the request, in EC2's order. */
function zonesOf(region: string, inputs: Record<string, unknown>): string[] {
  const filters = (inputs.filters ?? []) as { name: string; values: string[] }[];
  const excluded = (inputs.excludeZoneIds ?? []) as string[];
  const value = (zone: (typeof ZONES)[number], name: string): string => (name === 'zone-type' ? zone.type : zone.optIn);
  return ZONES.filter(
    (zone) => filters.every((f) => f.values.includes(value(zone, f.name))) && !excluded.includes(zone.zoneId),
  ).map(({ name }) => (name.length === 1 ? `${region}${name}` : `${region}-${name}`));
}

function answer(token: string, region: string, inputs: Record<string, unknown>): Record<string, unknown> {
  switch (token) {
    case 'aws:index/getPartition:getPartition':
      return { partition: 'aws' };
    case 'aws:index/getRegion:getRegion':
      return { region };
    case 'aws:index/getCallerIdentity:getCallerIdentity':
      return { accountId: ACCOUNT };
    case 'aws:index/getAvailabilityZones:getAvailabilityZones':
      return { names: zonesOf(region, inputs) };
    default:
      throw new Error(`the program calls ${token}, which the test does not know`);
  }
}

/** The answer that AWS would give, as far as other resources need it. */
export function pretend({ type, name, inputs }: Asked): Made {
  const named = String(inputs.name ?? name);
  const region = 'eu-west-1';
  const arn = `arn:aws:${type.split(':')[1]?.split('/')[0]}:${region}:${ACCOUNT}:${named}`;
  const url = `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${named}`;
  return { id: `${name}-id`, state: { ...inputs, name: named, arn, url } };
}
