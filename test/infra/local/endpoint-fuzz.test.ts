import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { test } from 'uvu';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../../infra/local/index.ts';
import { raw } from './support.ts';

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

async function withAws(options: LocalAwsOptions, fn: (aws: LocalAws, problems: string[]) => Promise<void>) {
  const problems: string[] = [];
  const onProblem = (message: string): void => void problems.push(message);
  const aws = await startLocalAws({ port: 0, onProblem, ...options });
  try {
    await fn(aws, problems);
  } finally {
    await aws.close();
  }
}

function sqs(aws: LocalAws, action: string, input: unknown, headers: Record<string, string> = {}) {
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  return raw(aws.port, { headers: { ...JSON_TYPE, 'x-amz-target': `AmazonSQS.${action}`, ...headers }, body });
}

test('no bytes make it fall over', async () => {
  await withAws({}, async (aws, problems) => {
    const targets = ['AmazonSQS.', 'AmazonSSM.', ''].flatMap((prefix) =>
      ['SendMessage', 'PutParameter', 'x', ''].map((a) => prefix + a),
    );
    const names = [
      'QueueUrl',
      'Entries',
      'Attributes',
      'MessageAttributes',
      'Name',
      'Value',
      'Names',
      'ParameterFilters',
    ];
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      fc
        .dictionary(fc.constantFrom(...names), fc.jsonValue(), { maxKeys: 5 })
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...targets), input, async (target, body) => {
        const { status } = await raw(aws.port, { headers: { ...JSON_TYPE, 'x-amz-target': target }, body });
        assert.ok(status >= 200 && status < 500, `status ${status}`);
      }),
      { numRuns: 150 },
    );
    assert.deepEqual(problems, []);
  });
});

test('every SQS and SSM action survives members of any type', async () => {
  await withAws({}, async (aws, problems) => {
    await sqs(aws, 'CreateQueue', { QueueName: 'q' });
    const url = `${aws.url}/000000000000/q`;
    const members = [
      'Attributes',
      'AttributeNames',
      'Entries',
      'ReceiptHandle',
      'MessageBody',
      'MessageAttributes',
      'Tags',
      'TagKeys',
    ];
    const more = [
      'Names',
      'Path',
      'Labels',
      'ParameterFilters',
      'MaxResults',
      'NextToken',
      'SourceArn',
      'TaskHandle',
      'Value',
      'Tier',
    ];
    const plan = aws.services.flatMap((s) =>
      s.actions.filter((a) => a !== 'DeleteQueue').map((a) => s.targetPrefix + a),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...plan),
        fc.dictionary(fc.constantFrom(...members, ...more), fc.jsonValue(), { maxKeys: 6 }),
        async (target, input) => {
          const body = JSON.stringify({ QueueUrl: url, QueueName: 'q', Name: '/a', ...input });
          const { status, body: reply } = await raw(aws.port, {
            headers: { ...JSON_TYPE, 'x-amz-target': target },
            body,
          });
          assert.ok(status < 500, `${target} ${body} gave ${status} ${reply}`);
        },
      ),
      { numRuns: 400 },
    );
    assert.deepEqual(problems, []);
  });
});

test.run();
