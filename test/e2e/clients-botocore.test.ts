import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import { createCloudWatch } from '../../infra/local/cloudwatch/index.ts';
import type { ServiceFactory } from '../../infra/local/context.ts';
import { createEcs, type Ecs } from '../../infra/local/ecs/index.ts';
import { startLocalAws } from '../../infra/local/index.ts';
import { has, run, withoutTool } from '../support/tools.ts';

const scriptOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Runs a script against an embedded AWS with these services; every operation of theirs must have been called. */
async function hold(script: string, services: ServiceFactory[], mine: (name: string) => boolean) {
  const problems: string[] = [];
  const aws = await startLocalAws({ port: 0, onProblem: (message) => problems.push(message), services });
  try {
    const { accessKeyId, secretAccessKey } = aws.rootKey;
    const out = await run('python3', [scriptOf(script), aws.url, accessKeyId, secretAccessKey]);
    assert.equal(out.code, 0, out.stderr);
    const report = JSON.parse(out.stdout);
    assert.deepEqual(report.problems, []);
    const called = new Set<string>(report.called);
    const ours = aws.services
      .filter((service) => mine(service.name))
      .flatMap((service) => service.actions.map((action) => `${service.name}.${action}`));
    assert.deepEqual(
      ours.filter((name) => !called.has(name)),
      [],
      'operations that were not called',
    );
    assert.deepEqual(problems, []);
    return { report, called, ours };
  } finally {
    await aws.close();
  }
}

if (!(await has('python3', ['-c', 'import boto3']))) {
  withoutTool('boto3', 'replies are not held against the botocore models');
} else {
  test('SQS, SSM and STS: every operation, every reply as the official model has it', async () => {
    const { report, called, ours } = await hold('botocore_shapes.py', [], () => true);
    assert.ok(called.has('sts.GetCallerIdentity'), 'STS was called');
    assert.deepEqual(report.all_sqs, ours.filter((name) => name.startsWith('sqs.')).sort(), 'all of SQS is there');
  });

  test('ECS and CloudWatch: every operation, every reply as the official model has it', async () => {
    let ecs: Ecs | undefined;
    const services: ServiceFactory[] = [
      (context) => {
        ecs = createEcs(context, { startUpMs: 50, deprovisionMs: 10 });
        return ecs;
      },
      (context) => createCloudWatch(context, { ecs: ecs!, publishPeriodMs: 1_000 }),
    ];
    await hold('botocore_ecs.py', services, (name) => name === 'ecs' || name === 'cloudwatch');
  });
}

/** Python of an environment of its own (.ci/tools makes it): botocore of today speaks JSON only. */
const OLD_PYTHON = fileURLToPath(new URL('../../.ci/venv-query/bin/python3', import.meta.url));

if (!(await has(OLD_PYTHON, ['-c', 'import botocore']))) {
  withoutTool('botocore 1.28', "SQS's query protocol is not held against its model");
} else {
  test("SQS's query protocol: every operation, every reply as the model of before 2023 has it", async () => {
    const aws = await startLocalAws({ port: 0, onProblem: (message) => assert.fail(message) });
    try {
      const { accessKeyId, secretAccessKey } = aws.rootKey;
      const out = await run(OLD_PYTHON, [scriptOf('botocore_query.py'), aws.url, accessKeyId, secretAccessKey]);
      assert.equal(out.code, 0, out.stderr);
      const report = JSON.parse(out.stdout);
      assert.deepEqual(report.problems, []);
      assert.deepEqual(report.called, report.all_sqs, 'all operations of that time were called');
    } finally {
      await aws.close();
    }
  });
}

test.run();
