/** Defines the wire side of a call, which differs between AWS JSON and the query protocol. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsError, Input, Service } from './service.ts';

export interface Call {
  service: Service;
  action: string;
  input: Input;
}

export interface Protocol {
  /** Finds the call that a request makes. @throws AwsError */
  read(req: IncomingMessage, body: string, services: readonly Service[]): Call;
  reply(res: ServerResponse, call: Call, requestId: string, output: object): void;
  /** @param service undefined if the request names none */
  replyError(res: ServerResponse, service: Service | undefined, requestId: string, error: AwsError): void;
}
