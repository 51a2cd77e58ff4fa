/** The same calls to moto and to the embedded AWS: what they answer must be the same where moto is right. */

import assert from 'node:assert/strict';
import { test } from 'uvu';
import { startLocalAws } from '../../infra/local/index.ts';
import { startMoto } from '../support/moto.ts';
import { withoutTool } from '../support/tools.ts';
import { SQS_STEPS, SSM_STEPS, type Step } from './moto-sequences.ts';

/** Where moto is known to differ from AWS. A label that no longer differs fails too, so that the list stays true. */
const MOTO_FAULTS: Record<string, string> = {
  'set unknown': 'accepts unknown attribute names in SetQueueAttributes',
  'set out of range': 'accepts VisibilityTimeout 999999',
  'send bad characters': 'does not look at the characters of a body',
  'send bad attribute': 'accepts an empty attribute value',
  'give back twice': 'lets the visibility of a message change that is not in flight',
  'redrive to none': 'says QueueDoesNotExist; AWS says that the parameter RedrivePolicy is invalid',
  'put large': 'does not enforce 4,096 bytes for standard parameters',
  'put larger': 'does not enforce 8,192 bytes for advanced parameters',
  'get version': 'leaves Selector out',
  'get label': 'leaves Selector out',
  'get secret closed': 'shows the plain text of a SecureString that was not decrypted',
  many: 'fails with HTTP 500',
  describe: 'fails with HTTP 500',
  'history none': 'answers an empty list for a parameter that does not exist',
  'delete many': 'counts a parameter as deleted that did not exist',
};

const TARGETS = { sqs: 'AmazonSQS', ssm: 'AmazonSSM' };

async function post(url: string, step: Step, input: object): Promise<{ status: number; body: unknown }> {
  const scope = `20260101/us-east-1/${step.service}/aws4_request`;
  const reply = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': `application/x-amz-json-1.${step.service === 'sqs' ? 0 : 1}`,
      'x-amz-target': `${TARGETS[step.service]}.${step.action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=dummy/${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      // fetch adds Sec-Fetch-Mode only; the endpoint looks at Origin and Sec-Fetch-Site.
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify(input),
  });
  const text = await reply.text();
  try {
    return { status: reply.status, body: text === '' ? {} : JSON.parse(text) };
  } catch {
    return { status: reply.status, body: { __type: 'not JSON' } };
  }
}

const pick = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);

function fill(input: unknown, kept: Map<string, string>): object {
  const text = JSON.stringify(input).replaceAll(/\$([a-z])/g, (_, name) => kept.get(name) ?? `missing-${name}`);
  return JSON.parse(text);
}

/** Members whose values nobody can foretell. */
const RANDOM = /^(?:MessageId|ReceiptHandle|SequenceNumber|\w*Timestamp|LastModifiedDate|LastModifiedUser|SenderId)$/;

function normal(value: unknown, url: string, key = ''): unknown {
  if (RANDOM.test(key)) return '<any>';
  if (Array.isArray(value)) return value.map((item) => normal(item, url));
  if (typeof value === 'string') return value.replaceAll(url, 'URL');
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value)
    // AWS leaves out what is empty in some replies and not in others, and SDKs make no difference.
    .filter(([, item]) => item !== null && !(Array.isArray(item) && item.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, normal(item, url, name)]));
}

/** For errors the code only: nobody should depend on their wording. */
function outcome(reply: { status: number; body: unknown }, url: string): unknown {
  if (reply.status < 300) return normal(reply.body, url);
  const type = String((reply.body as Record<string, unknown>).__type ?? '');
  // AWS ends some names with Exception where moto does not.
  return {
    error: type
      .split('#')
      .at(-1)
      ?.replace(/Exception$/, ''),
  };
}

async function play(steps: Step[], url: string): Promise<Map<string, unknown>> {
  const kept = new Map<string, string>();
  const outcomes = new Map<string, unknown>();
  for (const step of steps) {
    const reply = await post(url, step, fill(step.input, kept));
    for (const [name, path] of Object.entries(step.keep ?? {})) kept.set(name, String(pick(reply.body, path)));
    outcomes.set(step.label, outcome(reply, url));
  }
  return outcomes;
}

const moto = await startMoto();
if (!moto) {
  withoutTool('moto_server', 'the embedded AWS is not compared with moto');
} else {
  test('SQS and SSM answer as moto does, but for its known faults', async () => {
    const aws = await startLocalAws({ port: 0, accountId: '123456789012' });
    try {
      for (const steps of [SQS_STEPS, SSM_STEPS]) {
        const theirs = await play(steps, moto.url);
        const ours = await play(steps, aws.url);
        for (const { label } of steps) {
          const same = JSON.stringify(ours.get(label)) === JSON.stringify(theirs.get(label));
          if (MOTO_FAULTS[label]) assert.ok(!same, `moto no longer differs in "${label}"`);
          else assert.deepEqual(ours.get(label), theirs.get(label), label);
        }
      }
    } finally {
      await aws.close();
      moto.child.kill('SIGTERM');
    }
  });
}

test.run();
