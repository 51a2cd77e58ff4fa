/** Brakes, budgets and several queues on the embedded AWS: real calls, real tasks, other people's clients. */
import assert from 'node:assert/strict';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { test } from 'uvu';
import { until } from '../support/until.ts';
import { clientOf, scenario, startUp, type UpRun } from '../support/up.ts';

const POLICY = `
interval: 1s
scaling:
  minWorkers: 1
  maxWorkers: 6
  strategies: [{ type: backlogPerWorker, target: 2, countInFlight: false }]
  scaleUp: { cooldown: 0s, pauseWhile: { alarms: [db-hot], shrinkBy: 1, shrinkEvery: 1s } }
  scaleDown: { cooldown: 0s }
`;

const DEADLINE_MS = 60_000;

interface Status {
  conditions: { type: string; status: string; reason: string; message: string }[];
  queues?: { name: string; visible: number }[];
  budget?: { spent: number; state: string };
}

function handles(up: UpRun) {
  const [ecs, ssm, sqs, cloudwatch] = [
    new ECSClient(clientOf(up)),
    new SSMClient(clientOf(up)),
    new SQSClient(clientOf(up)),
    new CloudWatchClient(clientOf(up)),
  ];
  const Name = '/sluice/policies/demo';
  const parameter = async (name: string): Promise<string> =>
    (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter!.Value!;
  return {
    desired: async (): Promise<number> =>
      (await ecs.send(new DescribeServicesCommand({ cluster: 'demo', services: ['workers'] }))).services![0]!
        .desiredCount!,
    /** The stored status; an empty one until the first was written. */
    status: async (): Promise<Status> =>
      JSON.parse(await parameter('/sluice/status/demo').catch(() => '{"conditions":[]}')) as Status,
    edit: async (change: (text: string) => string): Promise<void> => {
      const Value = change(await parameter(Name));
      await ssm.send(new PutParameterCommand({ Name, Value, Overwrite: true }));
    },
    /** An alarm on a metric that nobody writes keeps the state that it was set to. */
    alarm: () =>
      cloudwatch.send(
        new PutMetricAlarmCommand({
          AlarmName: 'db-hot',
          Namespace: 'Test',
          MetricName: 'cpu',
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 80,
          ComparisonOperator: 'GreaterThanThreshold',
          TreatMissingData: 'ignore',
        }),
      ),
    ring: (StateValue: 'OK' | 'ALARM', StateReason: string) =>
      cloudwatch.send(new SetAlarmStateCommand({ AlarmName: 'db-hot', StateValue, StateReason })),
    queue: async (QueueName: string, messages: number): Promise<void> => {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
      // Nobody works off this queue, so its messages stay visible.
      for (let i = 0; i < messages; i++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `${i}` }));
    },
  };
}

const conditionOf = (status: Status, type: string) => status.conditions.find((c) => c.type === type);

test('an alarm pauses scale-up and shrinks the fleet; a second queue counts; money limits the workers', async () => {
  const up = await startUp({ scenario: scenario(0, POLICY) });
  const { desired, status, edit, alarm, ring, queue } = handles(up);
  const now = () => up.output().slice(-2_000);
  try {
    await alarm();
    await ring('OK', 'fine');
    await queue('low', 20);
    await edit((text) => text.replace('queue:\n    name: jobs', 'queues: [{ name: jobs }, { name: low }]'));
    await until('the second queue to add workers', async () => (await desired()) === 6, DEADLINE_MS, now);
    const queues = await until('both queues in the status', async () => (await status()).queues, DEADLINE_MS, now);
    assert.equal(queues.find((q) => q.name === 'low')?.visible, 20);

    await ring('ALARM', 'cpu is 93 percent');
    await until('the brake to shrink the fleet to minWorkers', async () => (await desired()) === 1, DEADLINE_MS, now);
    const limited = await until(
      "the alarm's reason in the status",
      async () => {
        const condition = conditionOf(await status(), 'ScalingLimited');
        return condition?.reason === 'PauseWhile' ? condition : undefined;
      },
      DEADLINE_MS,
      now,
    );
    assert.match(limited.message, /alarm db-hot is in ALARM.*cpu is 93 percent/);
    await ring('OK', 'fine again');
    await until('the fleet to come back', async () => (await desired()) === 6, DEADLINE_MS, now);

    await edit((text) =>
      text.replace('maxWorkers: 6', 'maxWorkers: 6\n    budget: { perDay: 0.01, pricePerWorkerHour: 100 }'),
    );
    await until('the budget to limit the fleet to minWorkers', async () => (await desired()) === 1, DEADLINE_MS, now);
    const spent = await until(
      'the budget in the status',
      async () => {
        const now = await status();
        return conditionOf(now, 'WithinBudget')?.status === 'False' ? now.budget : undefined;
      },
      DEADLINE_MS,
      now,
    );
    assert.equal(spent.state, 'limited');
  } catch (error) {
    throw new Error(`${(error as Error).message}\n--- output of sluice up\n${up.output().slice(-4_000)}`);
  } finally {
    await up.cleanUp();
  }
});

test.run();
