/** The queue of change events, against the embedded SQS. */
import assert from 'node:assert/strict';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { firstValueFrom, Subject, take, tap, toArray } from 'rxjs';
import { suite } from 'uvu';
import { startLocalAws } from '../../../infra/local/index.ts';
import type { Failure } from '../../../policies/model/observation.ts';
import { createClients } from '../../../reconciler/aws/clients.ts';
import { WAKE_REQUEST_TIMEOUT_MS, wakeUps } from '../../../reconciler/watch/wake.ts';

const cloud = await startLocalAws({ port: 0 });
Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: cloud.rootKey.accessKeyId,
  AWS_SECRET_ACCESS_KEY: cloud.rootKey.secretAccessKey,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});
const { url: endpoint, region } = cloud;
const aws = createClients({ endpoint, region, requestTimeout: WAKE_REQUEST_TIMEOUT_MS });
const sqs = new SQSClient({ endpoint, region, useQueueUrlAsEndpoint: false });
const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'changes' }));
const send = () =>
  sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: '{"detail-type":"Parameter Store Change"}' }));
const left = async (): Promise<number[]> => {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] }),
  );
  return names.map((name) => Number(Attributes?.[name]));
};
const test = suite('wake-up');

test('each event wakes, and is gone from the queue by then', async () => {
  const woken = firstValueFrom(
    wakeUps({ aws, queueUrl, onProblem: (failure) => assert.fail(failure.message) }).pipe(take(1)),
  );
  await send();
  await woken;
  assert.deepEqual(await left(), [0, 0]);
});

test('it goes on: a later event wakes again', async () => {
  let wakes = 0;
  const twice = firstValueFrom(
    wakeUps({ aws, queueUrl, onProblem: (failure) => assert.fail(failure.message) }).pipe(
      tap(() => {
        wakes++;
        if (wakes === 1) void send();
      }),
      take(2),
      toArray(),
    ),
  );
  await send();
  await twice;
  assert.deepEqual(await left(), [0, 0]);
});

test('a queue that is not there is told once, and is no end', async () => {
  const problems: Failure[] = [];
  const told = new Subject<void>();
  const watch = wakeUps({
    aws,
    queueUrl: `${queueUrl}-nowhere`,
    onProblem: (failure) => {
      problems.push(failure);
      told.next();
    },
  }).subscribe({ error: assert.fail, complete: () => assert.fail('it ended') });
  await firstValueFrom(told);
  assert.deepEqual(
    problems.map((p) => p.code),
    ['QueueDoesNotExist'],
  );
  watch.unsubscribe();
});

test('the cloud is closed', async () => {
  aws.destroy();
  sqs.destroy();
  await cloud.close();
});

test.run();
