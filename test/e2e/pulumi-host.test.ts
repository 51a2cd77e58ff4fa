/**
 * The program as `pulumi` itself starts it: Pulumi's Node host in a process of its own, with the options of Pulumi.yaml,
 * speaking gRPC to an engine, which is played here. What mocks skip is held: loading, Node arguments, the protocol.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { parse } from 'yaml';
import { stackConfig } from '../support/stack.ts';

const infra = fileURLToPath(new URL('../../infra/aws/', import.meta.url));
const require = createRequire(import.meta.url);
const pulumi = dirname(require.resolve('@pulumi/pulumi/package.json'));
const from = createRequire(join(pulumi, 'package.json'));
const proto = (name: string) => from(`./proto/${name}.js`);
const grpc = from('@grpc/grpc-js');
const { Struct } = from('google-protobuf/google/protobuf/struct_pb.js');
const { Empty } = from('google-protobuf/google/protobuf/empty_pb.js');

// Generated code without useful types: what is used of it is used here only.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Message = any;
type Reply = (error: null, message: unknown) => void;
type Handler = (call: { request: Message }, reply: Reply) => void;

interface Engine {
  address: string;
  types: string[];
  /** Lines that the program logged, from warning upwards. */
  complaints: string[];
  close: () => void;
}

/** An engine that knows a stack of one answer: every resource is what it was asked to be. */
async function playEngine(): Promise<Engine> {
  const resources = proto('resource_pb');
  const provider = proto('provider_pb');
  const engineProto = proto('engine_pb');
  const types: string[] = [];
  const played: Engine = { address: '', types, complaints: [], close: () => {} };
  const monitor: Record<string, Handler> = {
    supportsFeature: ({ request }, reply) => {
      const answer = new resources.SupportsFeatureResponse();
      answer.setHassupport(['secrets', 'resourceReferences'].includes(request.getId()));
      reply(null, answer);
    },
    registerResource: ({ request }, reply) => {
      types.push(request.getType());
      const answer = new resources.RegisterResourceResponse();
      answer.setUrn(`urn:pulumi:dev::sluice::${request.getType()}::${request.getName()}`);
      if (request.getCustom()) answer.setId(`${request.getName()}-id`);
      answer.setObject(request.getObject());
      reply(null, answer);
    },
    registerResourceOutputs: (_, reply) => reply(null, new Empty()),
    signalAndWaitForShutdown: (_, reply) => reply(null, new Empty()),
    invoke: ({ request }, reply) => {
      const answers: Record<string, object> = {
        'aws:index/getPartition:getPartition': { partition: 'aws' },
        'aws:index/getRegion:getRegion': { region: 'eu-west-1' },
        'aws:index/getCallerIdentity:getCallerIdentity': { accountId: '000000000000' },
        'aws:index/getAvailabilityZones:getAvailabilityZones': { names: ['eu-west-1a', 'eu-west-1b'] },
      };
      const answer = new provider.InvokeResponse();
      answer.setReturn(Struct.fromJavaScript(answers[request.getTok()] ?? {}));
      reply(null, answer);
    },
  };
  const engine: Record<string, Handler> = {
    log: ({ request }, reply) => {
      if (request.getSeverity() >= 2) {
        played.complaints.push(request.getMessage());
      }
      reply(null, new Empty());
    },
    getRootResource: (_, reply) => reply(null, new engineProto.GetRootResourceResponse()),
    setRootResource: (_, reply) => reply(null, new engineProto.SetRootResourceResponse()),
  };
  const server = new grpc.Server();
  server.addService(proto('resource_grpc_pb').ResourceMonitorService, monitor);
  server.addService(proto('engine_grpc_pb').EngineService, engine);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error: Error | null, bound: number) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  played.address = `127.0.0.1:${port}`;
  played.close = () => server.forceShutdown();
  return played;
}

async function runProgram(stack: string) {
  const engine = await playEngine();
  const project = parse(readFileSync(join(infra, 'Pulumi.yaml'), 'utf8')) as {
    name: string;
    main: string;
    runtime: { name: string; options: { typescript: boolean; nodeargs: string } };
  };
  const { options } = project.runtime;
  const host = join(pulumi, 'cmd', 'run', 'index.js');
  const flags = {
    monitor: engine.address,
    engine: engine.address,
    project: project.name,
    stack,
    pwd: infra,
    parallel: 16,
    'dry-run': true,
  };
  const child = spawn(
    process.execPath,
    [...options.nodeargs.split(' '), host, ...Object.entries(flags).map(([k, v]) => `--${k}=${v}`), project.main],
    {
      cwd: infra,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        PULUMI_CONFIG: JSON.stringify({ 'sluice:image': 'registry.example/sluice:1', ...stackConfig(stack).values }),
        PULUMI_NODEJS_TYPESCRIPT: String(options.typescript),
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  const status = await new Promise((resolve) => child.on('close', resolve));
  engine.close();
  return { status, output, ...engine };
}

for (const [stack, least] of [
  ['dev', 40],
  ['prod', 25],
] as const)
  test(`${stack}: the host loads the program, and the engine hears of every resource`, async () => {
    const { status, types, complaints, output } = await runProgram(stack);
    assert.equal(status, 0, output + complaints.join('\n'));
    assert.deepEqual(complaints, []);
    assert.equal(types[0], 'pulumi:pulumi:Stack');
    assert.ok(types.length > least, `${types.length} resources`);
    assert.ok(types.includes('aws:ecs/service:Service'), 'the service is among them');
  });

test.run();
