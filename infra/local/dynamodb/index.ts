/**
 * Answers DynamoDB by dynalite, behind the same endpoint, signatures and permissions as the other services. dynalite speaks
 * HTTP only: it listens on a loopback port of its own, to which each call is handed on.
 */
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import type { LocalService, ServiceFactory } from '../context.ts';
import { isObject } from '../input.ts';
import { AwsError, type Input } from '../service.ts';

const PREFIX = 'DynamoDB_20120810.';
const ACTIONS = [
  ...['BatchGetItem', 'BatchWriteItem', 'CreateTable', 'DeleteItem', 'DeleteTable', 'DescribeTable'],
  ...['DescribeTimeToLive', 'GetItem', 'ListTables', 'ListTagsOfResource', 'PutItem', 'Query', 'Scan', 'TagResource'],
  ...['UntagResource', 'UpdateItem', 'UpdateTable'],
];

/** dynalite looks for the form of a signature only; the real one was checked before. */
const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
};

export interface DynamoDbOptions {
  /** The folder that keeps the tables; without it they are kept in memory. */
  folder?: string | undefined;
}

/** Returns the factory of the service for `startLocalAws`. */
export const createDynamoDb =
  ({ folder }: DynamoDbOptions = {}): ServiceFactory =>
  (): LocalService => {
    let server: Server | undefined;
    return {
      name: 'dynamodb',
      targetPrefix: PREFIX,
      jsonVersion: '1.0',
      queryCompatible: false,
      actions: ACTIONS,
      handle: (action, input) => handOn(server, action, input),
      start: async () => {
        const times = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
        const starting = dynalite({ ...times, ...(folder === undefined ? {} : { path: folder }) });
        await new Promise<void>((resolve, reject) => {
          starting.once('error', reject);
          starting.listen(0, '127.0.0.1', resolve);
        });
        server = starting;
      },
      close: () =>
        new Promise<void>((resolve) => {
          if (!server) return resolve();
          server.close(() => resolve());
          server.closeAllConnections();
          server = undefined;
        }),
    };
  };

/** Hands a call to dynalite and returns its output. @throws AwsError as dynalite words it */
async function handOn(server: Server | undefined, action: string, input: Input): Promise<object> {
  if (!server) throw new AwsError('InternalServerError', 'The service does not listen.', { status: 500 });
  const { port } = server.address() as AddressInfo;
  const { status, text } = await post(port, action, JSON.stringify(input));
  const output: unknown = text === '' ? {} : JSON.parse(text);
  if (!isObject(output)) throw new Error(`dynalite answered ${action} with ${text.slice(0, 100)}`);
  if (status === 200) return output;
  const { __type: type, message, Message, ...members } = output;
  const code = typeof type === 'string' ? type.slice(type.indexOf('#') + 1) : 'InternalServerError';
  throw new AwsError(code, String(message ?? Message ?? ''), { status, members });
}

function post(port: number, action: string, body: string): Promise<{ status: number; text: string }> {
  const headers = { ...SIGNED, 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': PREFIX + action };
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 500, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
