/** Speaks the query protocol: a form names the action and its members, in the body or in the URL; the reply is XML. */
import type { IncomingMessage } from 'node:http';
import { parseForm } from './form.ts';
import { send } from './http-reply.ts';
import type { Protocol } from './protocol.ts';
import { AwsError, type QueryBinding, type Service } from './service.ts';
import { element, xmlText } from './xml.ts';

const isForm = (req: IncomingMessage): boolean =>
  (req.headers['content-type'] ?? '').toLowerCase().startsWith('application/x-www-form-urlencoded');

/** Returns the URL of a request. The host is made up, since only path and query count. */
function urlOf(req: IncomingMessage): URL {
  try {
    return new URL(req.url ?? '/', 'http://127.0.0.1');
  } catch {
    return new URL('http://127.0.0.1/');
  }
}

/** Returns whether a request speaks the query protocol: a form, or an action in the URL. */
export const isQuery = (req: IncomingMessage): boolean =>
  req.headers['x-amz-target'] === undefined && (isForm(req) || urlOf(req).searchParams.has('Action'));

interface Speaker extends Service {
  query: QueryBinding;
}

const speaks = (service: Service): service is Speaker => service.query !== undefined;

/** Finds the service of an action. Clients send the version of its API; a request by hand may leave it out. */
function serviceOf(action: string, version: string, services: readonly Service[]): Speaker {
  const speakers = services.filter(speaks);
  const found = speakers.find(
    (each) => each.actions.includes(action) && (version === '' || each.query.version === version),
  );
  if (found) return found;
  const names = speakers.map((each) => `${each.name} (${each.query.version})`).join(', ');
  throw new AwsError(
    'InvalidAction',
    `The action "${action}" (version "${version}") is not available over the query protocol here, which knows ${names}. ` +
      'For SSM, ECS and CloudWatch use a client that speaks AWS JSON (any SDK released since 2025).',
  );
}

const NO_NAMESPACE = '';

const document = (name: string, namespace: string, content: string): string => {
  const attribute = namespace === NO_NAMESPACE ? '' : ` xmlns="${namespace}"`;
  return `<?xml version="1.0"?>\n<${name}${attribute}>${content}</${name}>\n`;
};

export const awsQuery: Protocol = {
  read(req, body, services) {
    // A web page in an older browser could send a GET unmarked, as the address of an image, but never with this header.
    if (req.method === 'GET' && req.headers.authorization === undefined)
      throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', { status: 403 });
    const url = urlOf(req);
    const pairs = new URLSearchParams([...url.searchParams, ...(isForm(req) ? new URLSearchParams(body) : [])]);
    const action = pairs.get('Action') ?? '';
    const service = serviceOf(action, pairs.get('Version') ?? '', services);
    return { service, action, input: service.query.decode(parseForm(pairs), url.pathname) };
  },

  reply(res, { service, action }, requestId, output) {
    const result = service.query?.encode(action, output);
    const metadata = element('ResponseMetadata', element('RequestId', requestId));
    const content = (result === undefined ? '' : element(`${action}Result`, result)) + metadata;
    send(res, 200, requestId, 'text/xml', document(`${action}Response`, service.query?.namespace ?? '', content));
  },

  replyError(res, service, requestId, error) {
    const detail =
      element('Type', error.fault) +
      element('Code', xmlText(error.queryCode ?? error.code)) +
      element('Message', xmlText(error.message)) +
      element('Detail', '');
    const content = element('Error', detail) + element('RequestId', requestId);
    const xml = document('ErrorResponse', service?.query?.namespace ?? NO_NAMESPACE, content);
    send(res, error.status, requestId, 'text/xml', xml);
  },
};
