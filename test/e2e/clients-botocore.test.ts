import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startLocalAws } from '../../infra/local/index.ts';
import { has, run } from './tools.ts';

const script = fileURLToPath(new URL('botocore_shapes.py', import.meta.url));

if (!(await has('python3', ['-c', 'import boto3']))) {
  console.log('notice: python3 with boto3 is not on this machine, so replies are not held against the botocore models');
  test('boto3 is not here', () => {});
} else {
  test('boto3 with the run’s own key: every operation, every reply as the official model has it', async () => {
    const problems: string[] = [];
    const aws = await startLocalAws({ port: 0, onProblem: (message) => problems.push(message) });
    try {
      const { accessKeyId, secretAccessKey } = aws.rootKey;
      const out = await run('python3', [script, aws.url, accessKeyId, secretAccessKey]);
      assert.is(out.code, 0, out.stderr);
      const report = JSON.parse(out.stdout);
      assert.equal(report.problems, []);
      const ours = aws.services.flatMap((service) => service.actions.map((action) => `${service.name}.${action}`));
      const called = new Set<string>(report.called);
      assert.equal(
        ours.filter((name) => !called.has(name)),
        [],
        'operations that were not called',
      );
      assert.ok(called.has('sts.GetCallerIdentity'));
      assert.equal(report.all_sqs, ours.filter((name) => name.startsWith('sqs.')).sort(), 'all of SQS is there');
      assert.equal(problems, []);
    } finally {
      await aws.close();
    }
  });
}

test.run();
