/** Regions and accounts that documents name: each way to write them, and the refusal of those that are elsewhere. */
import assert from 'node:assert/strict';
import { test } from 'uvu';
import { parsePolicy } from '../../../policies/document/parse.ts';
import { placeOfQueueUrl } from '../../../policies/document/place.ts';
import { serviceKey } from '../../../policies/document/service-key.ts';

const HOME = { region: 'us-east-1', account: '111122223333' };

const problems = (queue: object, service: object = { name: 'workers' }, home: object = HOME): string[] => {
  const scaling = { minWorkers: 0, maxWorkers: 2, strategies: [{ type: 'threshold' }] };
  const spec = { queue, service, scaling };
  const document = { apiVersion: 'sluice/v1', kind: 'WorkerPolicy', metadata: { name: 'jobs' }, spec };
  const parsed = parsePolicy(JSON.stringify(document), { home });
  return parsed.ok ? [] : parsed.problems.map(({ path, message }) => `${path} ${message}`);
};

test('an ARN or URL of another Region is refused, with both Regions', () => {
  const other = 'names Region eu-west-1; this reconciler works in us-east-1';
  assert.deepEqual(problems({ arn: 'arn:aws:sqs:eu-west-1:111122223333:jobs' }), [`spec.queue.arn ${other}`]);
  assert.deepEqual(problems({ url: 'https://sqs.eu-west-1.amazonaws.com/111122223333/jobs' }), [
    `spec.queue.url ${other}`,
  ]);
  const service = 'arn:aws:ecs:eu-west-1:111122223333:service/demo/workers';
  assert.deepEqual(problems({ name: 'jobs' }, { name: service }), [`spec.service.name ${other}`]);
  const cluster = 'arn:aws:ecs:eu-west-1:111122223333:cluster/demo';
  assert.deepEqual(problems({ name: 'jobs' }, { cluster, name: 'workers' }), [`spec.service.cluster ${other}`]);
});

test('another account is refused too', () => {
  const other = 'names account 999900001111; this reconciler works in 111122223333';
  assert.deepEqual(problems({ arn: 'arn:aws:sqs:us-east-1:999900001111:jobs' }), [`spec.queue.arn ${other}`]);
  assert.deepEqual(problems({ url: 'http://127.0.0.1:4566/999900001111/jobs' }), [`spec.queue.url ${other}`]);
});

test('the own Region and account, and a home that is not known, are no problem', () => {
  assert.deepEqual(problems({ arn: 'arn:aws:sqs:us-east-1:111122223333:jobs' }), []);
  assert.deepEqual(problems({ url: 'https://queue.amazonaws.com/111122223333/jobs' }), []);
  assert.deepEqual(problems({ arn: 'arn:aws:sqs:eu-west-1:999900001111:jobs' }, { name: 'workers' }, {}), []);
  assert.deepEqual(problems({ url: 'http://127.0.0.1:4566/111122223333/jobs' }), []);
});

test('the Region is read from every kind of host that SQS has', () => {
  const hosts: [string, string | undefined][] = [
    ['sqs.eu-west-1.amazonaws.com', 'eu-west-1'],
    ['eu-west-1.queue.amazonaws.com', 'eu-west-1'],
    ['queue.amazonaws.com', 'us-east-1'],
    ['sqs-fips.us-west-2.amazonaws.com', 'us-west-2'],
    ['sqs.eu-central-2.api.aws', 'eu-central-2'],
    ['sqs-fips.us-east-2.api.aws', 'us-east-2'],
    ['vpce-0a1b2c3d4e5f-x1y2z3.sqs.eu-west-3.vpce.amazonaws.com', 'eu-west-3'],
    ['vpce-0a1b2c3d4e5f-x1y2z3-us-east-1a.sqs.us-east-1.vpce.amazonaws.com', 'us-east-1'],
    ['sqs.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['cn-northwest-1.queue.amazonaws.com.cn', 'cn-northwest-1'],
    ['sqs.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['sqs.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1'],
    ['sqs.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1'],
    ['SQS.EU-WEST-1.AMAZONAWS.COM', 'eu-west-1'],
    ['127.0.0.1:4566', undefined],
    ['sqs.eu-west-1.localhost.localstack.cloud:4566', undefined],
    ['sqs.eu-west-1.amazonaws.com.example.org', undefined],
  ];
  for (const [host, region] of hosts)
    assert.equal(placeOfQueueUrl(`https://${host}/111122223333/jobs`).region, region, host);
});

test('one service has one key, however it is spelled', () => {
  const arn = 'arn:aws:ecs:us-east-1:111122223333';
  for (const service of [
    { cluster: 'default', name: 'workers' },
    { cluster: `${arn}:cluster/default`, name: 'workers' },
    { cluster: 'default', name: `${arn}:service/workers` },
    { cluster: 'default', name: `${arn}:service/default/workers` },
    { cluster: 'other', name: `${arn}:service/default/workers` },
  ])
    assert.equal(serviceKey(service), 'default/workers', JSON.stringify(service));
  assert.notEqual(serviceKey({ cluster: 'demo', name: 'workers' }), 'default/workers');
});

test.run();
