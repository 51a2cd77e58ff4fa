import nock from 'nock';
import { type Clients, createClients } from '../../reconciler/aws/clients.ts';
import { awsWorld } from '../../reconciler/aws-world.ts';
import type { World } from '../../reconciler/loop/world.ts';

const REGION = 'us-east-1';
export const QUEUE_URL = `https://sqs.${REGION}.amazonaws.com/000000000000/jobs`;

/** Where a service is, and how its JSON protocol names it (botocore's models). */
const SERVICES = {
  sqs: { host: 'sqs', target: 'AmazonSQS.', json: '1.0' },
  ecs: { host: 'ecs', target: 'AmazonEC2ContainerServiceV20141113.', json: '1.1' },
  ssm: { host: 'ssm', target: 'AmazonSSM.', json: '1.1' },
  cloudwatch: { host: 'monitoring', target: 'GraniteServiceVersion20100801.', json: '1.0' },
} as const;
export type ServiceName = keyof typeof SERVICES;

/** Dummy credentials and a fixed region: no test may find an account by accident. */
export function offline(): void {
  process.env.AWS_ACCESS_KEY_ID = 'AKIATEST';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  process.env.AWS_REGION = REGION;
  for (const name of ['AWS_PROFILE', 'AWS_ENDPOINT_URL', 'AWS_SESSION_TOKEN']) delete process.env[name];
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  nock.disableNetConnect();
}

type Matcher = nock.RequestBodyMatcher;

function interceptor(service: ServiceName, action: string, body?: Matcher): nock.Interceptor {
  const { host, target } = SERVICES[service];
  return nock(`https://${host}.${REGION}.amazonaws.com`)
    .post('/', body)
    .matchHeader('x-amz-target', target + action);
}

/** Expects one call of `action` with just this body, and answers it. */
export function expectCall(
  service: ServiceName,
  action: string,
  body: Matcher,
  reply: object,
  status = 200,
): nock.Scope {
  return interceptor(service, action, body).reply(status, reply as nock.Body, {
    'content-type': `application/x-amz-json-${SERVICES[service].json}`,
  });
}

/** Answers every call of `action` as AWS words an error. */
export function failCall(
  service: ServiceName,
  action: string,
  status: number,
  code: string,
  message: string,
  queryCode?: string,
): nock.Scope {
  const headers: Record<string, string> = { 'content-type': `application/x-amz-json-${SERVICES[service].json}` };
  if (queryCode) headers['x-amzn-query-error'] = `${queryCode};Sender`;
  return persistent(service, action).reply(status, { __type: code, message }, headers);
}

/** For odd answers: a page of HTML, a reset, silence. */
export function persistent(service: ServiceName, action: string): nock.Interceptor {
  const { host, target } = SERVICES[service];
  return nock(`https://${host}.${REGION}.amazonaws.com`)
    .persist()
    .post('/')
    .matchHeader('x-amz-target', target + action);
}

/** Clients that try once and give up soon, so that error tests are quick. */
export const impatient = (): Clients =>
  createClients({ region: REGION, maxAttempts: 1, connectionTimeout: 200, requestTimeout: 200 });

export const worldOf = (aws: Clients, now?: () => number): World =>
  awsWorld(aws, { metricsInterval: 0, tasksInterval: 0, ...(now ? { now } : {}) });

/** Returns a service of cluster `demo` as ECS tells it when all is well. */
export const serviceOf = (serviceName: string) => ({
  ...SERVICE,
  serviceName,
  serviceArn: `arn:aws:ecs:${REGION}:000000000000:service/demo/${serviceName}`,
});

/** The answers of every queue and service when all is well. */
export const SERVICE = {
  serviceName: 'jobs',
  serviceArn: 'arn:aws:ecs:us-east-1:000000000000:service/demo/jobs',
  status: 'ACTIVE',
  desiredCount: 5,
  runningCount: 5,
  pendingCount: 0,
  deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
};
export const QUEUE_ARN = `arn:aws:sqs:${REGION}:000000000000:jobs`;
export const COUNTS = {
  Attributes: {
    QueueArn: QUEUE_ARN,
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '0',
    ApproximateNumberOfMessagesDelayed: '0',
  },
};
