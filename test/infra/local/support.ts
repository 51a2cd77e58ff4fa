/** Helpers that the tests of the embedded AWS share: calling a service in process, on a clock that stands still. */
import { request } from 'node:http';
import { ManualClock } from '../../../infra/local/clock.ts';
import type { AwsError, CallContext, Input, Principal, Service } from '../../../infra/local/service.ts';
import { Sqs } from '../../../infra/local/sqs/index.ts';
import { Ssm } from '../../../infra/local/ssm/index.ts';
import type { Entities } from '../../../infra/local/state/operation.ts';
import { inMemory, type Kept } from './kept.ts';

export const ACCOUNT = '000000000000';

export function principal(role?: string): Principal {
  const arn = role ? `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/session` : `arn:aws:iam::${ACCOUNT}:root`;
  const principalArn = role ? `arn:aws:iam::${ACCOUNT}:role/${role}` : arn;
  return { accountId: ACCOUNT, arn, principalArn, accessKeyId: 'AKIATEST', verified: true };
}

// biome-ignore lint/suspicious/noExplicitAny: replies are checked member by member where they are used.
export type Caller = (action: string, input?: Input, context?: Partial<CallContext>) => Promise<any>;

export function callerOf(service: Service): Caller {
  return async (action, input = {}, context = {}) => {
    const full = { requestId: 'r', principal: principal(), signal: new AbortController().signal, ...context };
    // Through JSON and back, as over the wire: members that are undefined vanish.
    const reply = await service.handle(action, JSON.parse(JSON.stringify(input)), full);
    return JSON.parse(JSON.stringify(reply));
  };
}

export interface Harness {
  clock: ManualClock;
  sqs: Sqs;
  ssm: Ssm;
  call: Caller;
  ssmCall: Caller;
  /** Makes a queue and returns its URL. */
  queue(name: string, attributes?: Record<string, string>): Promise<string>;
  /** Visible, in flight, delayed. */
  counts(url: string): Promise<[number, number, number]>;
  /** Returns the part of the state folder that is about SQS. */
  kept: Kept;
}

/** @param sqsEntities what a state folder holds of SQS @param clock goes on where the clock of an earlier harness stands */
export function harness(sqsEntities: Entities = new Map(), clock = new ManualClock()): Harness {
  const options = { clock, region: 'us-east-1', accountId: ACCOUNT };
  const sqs = new Sqs({ ...options, endpointUrl: () => 'http://127.0.0.1:4566' });
  const ssm = new Ssm(options);
  const kept = inMemory();
  for (const [key, value] of sqsEntities) kept.keeper.put(key, value);
  sqs.restore(sqsEntities, kept.keeper);
  sqs.start();
  const call = callerOf(sqs);
  return {
    clock,
    sqs,
    ssm,
    call,
    ssmCall: callerOf(ssm),
    kept,
    queue: async (QueueName, Attributes) => (await call('CreateQueue', { QueueName, Attributes })).QueueUrl,
    counts: async (QueueUrl) => {
      const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
      const at = (name: string): number => Number(Attributes[`ApproximateNumberOfMessages${name}`]);
      return [at(''), at('NotVisible'), at('Delayed')];
    },
  };
}

/** The AWS error that a call ends with; fails when it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<AwsError> {
  try {
    await promise;
  } catch (error) {
    return error as AwsError;
  }
  throw new Error('expected an error, but the call succeeded');
}

export const codeOf = async (promise: Promise<unknown>): Promise<string> => (await errorOf(promise)).code;

export interface RawReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One HTTP request with exactly these headers (fetch would add its own). */
export function raw(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const req = request(
      {
        host: '127.0.0.1',
        port,
        method: options.method ?? 'POST',
        path: options.path ?? '/',
        headers: options.headers,
        agent: false,
      },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () =>
          resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString() }),
        );
        res.on('error', reject);
      },
    );
    req.on('error', reject);
    req.end(options.body ?? '');
  });
}
