/** Crash loops and missing capacity as the embedded ECS shows them, through the reconciler's own readers. */
import assert from 'node:assert/strict';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { firstValueFrom } from 'rxjs';
import { test } from 'uvu';
import { createEcs, type EcsOptions } from '../../../infra/local/ecs/index.ts';
import { startLocalAws } from '../../../infra/local/index.ts';
import { decide } from '../../../policies/decide.ts';
import type { Observation } from '../../../policies/model/observation.ts';
import { type Clients, createClients } from '../../../reconciler/aws/clients.ts';
import { awsWorld } from '../../../reconciler/aws-world.ts';
import { memoryOf, policyOf } from '../../support/policy.ts';
import { until } from '../../support/until.ts';

const SERVICE = { cluster: 'demo', service: 'jobs' };
const policy = policyOf({ strategies: [{ type: 'backlogPerWorker', target: 1 }] }, { interval: '1s' });

interface Here {
  ecs: Clients['ecs'];
  deploy: (command: string) => Promise<void>;
  look: () => Promise<Observation>;
}

const definition = (command: string) =>
  new RegisterTaskDefinitionCommand({
    family: 'jobs',
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    containerDefinitions: [
      { name: 'w', image: 'w', essential: true, stopTimeout: 0, command: ['/bin/sh', '-c', command] },
    ],
  });

/** Runs `body` with a service of `desired` tasks that run `command`. */
async function withService(
  { command, desired, ...options }: { command: string; desired: number } & EcsOptions,
  body: (here: Here) => Promise<void>,
): Promise<void> {
  const aws = await startLocalAws({
    port: 0,
    services: [(context) => createEcs(context, { startUpMs: 10, deprovisionMs: 5, closeGraceMs: 50, ...options })],
  });
  const clients = createClients({ region: aws.region, endpoint: aws.url, credentials: aws.rootKey });
  try {
    await clients.sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    await clients.ecs.send(new CreateClusterCommand({ clusterName: 'demo' }));
    await clients.ecs.send(definition(command));
    await clients.ecs.send(
      new CreateServiceCommand({
        ...{
          cluster: 'demo',
          serviceName: 'jobs',
          taskDefinition: 'jobs',
          desiredCount: desired,
          launchType: 'FARGATE',
        },
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      }),
    );
    const world = awsWorld(clients, { metricsInterval: 0, tasksInterval: 50 });
    await body({
      ecs: clients.ecs,
      look: () => firstValueFrom(world.observe(policy)),
      deploy: async (next) => {
        await clients.ecs.send(definition(next));
        await clients.ecs.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: 'jobs' }));
      },
    });
  } finally {
    clients.destroy();
    await aws.close();
  }
}

const stepOf = (seen: Observation) => {
  assert.ok(seen.queue.ok);
  const busy: Observation = { ...seen, queue: { ...seen.queue, value: { ...seen.queue.value, visible: 9 } } };
  const { decision } = decide(policy, busy, memoryOf(), busy.at);
  return { desired: decision.desired, step: decision.guards.find(({ guard }) => guard === 'starting') };
};

const starting = (look: Here['look'], isFound: (because: string | undefined) => boolean, what: string) =>
  until(what, async () => {
    const seen = await look();
    const { desired, step } = stepOf(seen);
    return isFound(step?.because) ? { seen, desired, step } : undefined;
  });

test('tasks that exit at once hold scale-up with their exit code; a deployment that works ends it', async () => {
  await withService({ command: 'exit 3', desired: 2 }, async ({ look, deploy }) => {
    const { seen, desired } = await starting(look, (because) => /exit code 3/.test(because ?? ''), 'a crash loop');
    assert.ok(seen.failedStarts?.ok && seen.failedStarts.value);
    assert.equal(seen.failedStarts.value.last.exitCode, 3);
    assert.equal(desired, 2);
    await deploy('exec sleep 60');
    await starting(look, (because) => because === undefined, 'the end of the crash loop');
  });
});

test('tasks that cannot be started give the reason of ECS', async () => {
  await withService({ command: 'true', desired: 1, cwd: '/no/such/folder' }, async ({ look }) => {
    await starting(look, (because) => /did not start \(CannotStart/.test(because ?? ''), 'tasks that do not start');
  });
});

test('a cluster without room holds scale-up with the event of ECS, and scale-in ends it', async () => {
  await withService({ command: 'exec sleep 60', desired: 4, maxTasks: 2 }, async ({ ecs, look }) => {
    const { desired, seen } = await starting(
      look,
      (because) => /unable to place a task/.test(because ?? ''),
      'no room',
    );
    assert.equal(desired, 4);
    assert.ok(seen.service.ok && !seen.service.value.trouble?.message.startsWith('(service'));
    await ecs.send(new UpdateServiceCommand({ ...SERVICE, desiredCount: 2 }));
    await starting(look, (because) => because === undefined, 'the end of the trouble');
  });
});

test('tasks that work, and a scale-in, are no evidence', async () => {
  await withService({ command: 'exec sleep 60', desired: 3 }, async ({ ecs, look }) => {
    await until('three tasks', async () => {
      const { service } = await look();
      return service.ok && service.value.running === 3;
    });
    await ecs.send(new UpdateServiceCommand({ ...SERVICE, desiredCount: 1 }));
    await until('one task', async () => {
      const { service } = await look();
      return service.ok && service.value.running === 1;
    });
    const seen = await look();
    assert.equal(stepOf(seen).step, undefined);
    assert.ok(!seen.failedStarts || (seen.failedStarts.ok && seen.failedStarts.value === undefined));
  });
});

test.run();
