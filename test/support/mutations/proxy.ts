/** A proxy between Sluice and the embedded AWS that hands on what is asked and damages what is answered. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { damage, type Mutation } from './mutation.ts';

/** One call as the proxy sees it. */
export interface Call {
  /** Such as `DescribeServices`. */
  operation: string;
  /** The request's JSON. */
  body: string;
}

/**
 * Returns the parameter that a call writes; undefined for other calls. Only its name tells whose it is: the status of a run
 * quotes the flag and its value too.
 */
export function writtenParameter({ operation, body }: Call): { name: string; value: string } | undefined {
  if (operation !== 'PutParameter') return undefined;
  const { Name, Value } = JSON.parse(body) as { Name: string; Value: string };
  return { name: Name, value: Value };
}

export interface ProxyHooks {
  /** Returns the mutation that this call's answer gets, with the part of the answer that it concerns. */
  mutationOf: (call: Call) => { mutation: Mutation; concerns: string } | undefined;
  /** Is told of each call with its true answer, before that is damaged. */
  onAnswer: (call: Call, answer: string) => void;
}

/** Later than the 5 s that Sluice grants a read. */
const LATE_MS = 7_000;

export class MutatingProxy {
  readonly #server: Server;
  /** Answers that are held back; `close` drops them. */
  readonly #held = new Set<ServerResponse>();

  constructor(target: string, hooks: ProxyHooks) {
    this.#server = createServer((req, res) => void this.#relay(target, hooks, req, res));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const res of this.#held) res.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #relay(target: string, hooks: ProxyHooks, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await textOf(req).catch(() => undefined);
    if (body === undefined) return;
    const call: Call = { operation: String(req.headers['x-amz-target']).split('.').at(-1)!, body };
    const applied = hooks.mutationOf(call);
    const kind = applied && !('path' in applied.mutation) ? applied.mutation.kind : undefined;
    // These never reach AWS.
    if (kind === 'reset') return void res.destroy();
    if (kind === 'hung') return void this.#held.add(res);
    if (kind === 'error500') return void res.writeHead(500, JSON_TYPE).end('{"__type":"InternalFailure"}');
    const answer = await forward(target, req, body).catch(() => undefined);
    if (!answer) return void res.destroy();
    hooks.onAnswer(call, answer.text);
    const write = (text: string, type = answer.type): void => {
      if (!res.destroyed) res.writeHead(answer.status, { 'content-type': type }).end(text);
    };
    switch (kind) {
      case 'replyLost':
        return void res.destroy();
      case 'late':
        return void setTimeout(() => write(answer.text), LATE_MS).unref();
      case 'emptyObject':
        return write('{}');
      case 'emptyBody':
        return write('');
      case 'array':
        return write('[]');
      case 'truncated':
        return write(answer.text.slice(0, Math.floor(answer.text.length / 2)));
      case 'endlessToken':
        return write(JSON.stringify({ ...JSON.parse(answer.text || '{}'), NextToken: 'again', nextToken: 'again' }));
      case 'html':
        return write('<html><body>Sign in to the guest network</body></html>', 'text/html');
    }
    if (!applied || !('path' in applied.mutation) || answer.status !== 200) return write(answer.text);
    const { mutation, concerns } = applied;
    write(JSON.stringify(damage(JSON.parse(answer.text), mutation, (item) => JSON.stringify(item).includes(concerns))));
  }
}

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.1' };

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** The request goes on with its own headers, so that its signature still fits. */
function forward(
  target: string,
  { method, url, headers }: IncomingMessage,
  body: string,
): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(url ?? '/', target), { method, headers, setHost: false }, (reply) => {
      textOf(reply).then(
        (text) => resolve({ status: reply.statusCode!, type: String(reply.headers['content-type']), text }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
