/**
 * Answers to the calls of a tick, for measuring what a tick costs the reconciler: a process of its own, so that only the
 * reconciler's work is measured. It speaks AWS's JSON protocol; queues q0..., services s0....
 */
import { createServer } from 'node:http';

const json = (request: string, body: Record<string, unknown>): unknown => {
  const now = Math.floor(Date.now() / 1_000);
  switch (request) {
    case 'GetQueueUrl':
      return { QueueUrl: `http://127.0.0.1/000000000000/${body.QueueName}` };
    case 'GetQueueAttributes':
      return {
        Attributes: {
          QueueArn: `arn:aws:sqs:us-east-1:000000000000:${String(body.QueueUrl).split('/').at(-1)}`,
          ApproximateNumberOfMessages: String(now % 7),
          ApproximateNumberOfMessagesNotVisible: '3',
          ApproximateNumberOfMessagesDelayed: '0',
        },
      };
    case 'DescribeServices':
      return {
        services: (body.services as string[]).map((serviceName) => ({
          serviceName,
          serviceArn: `arn:aws:ecs:us-east-1:000000000000:service/${body.cluster}/${serviceName}`,
          status: 'ACTIVE',
          desiredCount: 5,
          runningCount: 5,
          pendingCount: 0,
          deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'COMPLETED' }],
        })),
        failures: [],
      };
    case 'GetMetricData': {
      const at = (Math.floor(now / 60) - 1) * 60;
      const queries = body.MetricDataQueries as { Id: string }[];
      return {
        MetricDataResults: queries.map(({ Id }) => ({ Id, Timestamps: [at], Values: [18], StatusCode: 'Complete' })),
      };
    }
    case 'ListTasks':
      return { taskArns: [] };
    case 'DescribeTasks':
      return { tasks: [], failures: [] };
    default:
      return {};
  }
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const name = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const text = JSON.stringify(json(name, JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')));
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(text);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
process.on('disconnect', () => process.exit(0));
