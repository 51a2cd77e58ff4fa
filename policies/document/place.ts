/**
 * Regions and accounts that a document names. A reconciler works in one Region of one account: a queue or service elsewhere is
 * refused before anything is read, since a namesake in the wrong place would be scaled by the right one's messages.
 */
import type { Finding } from '../grammar/finding.ts';

/** A Region of an account. A part that is not known is left out, and then nothing is compared with it. */
export interface Place {
  region?: string;
  account?: string;
}

interface NamedQueue {
  url?: string | undefined;
  arn?: string | undefined;
}

interface Named {
  queue: NamedQueue;
  /** All queues of a policy with several. */
  queues?: readonly NamedQueue[];
  service: { cluster: string; name: string };
}

/** Returns a finding for each part of the document that names another Region or account than `home`. Paths start at `spec`. */
export function placeFindings({ queue, queues = [], service }: Named, home: Place): Finding[] {
  const named: [path: (string | number)[], place: Place | undefined][] = [
    ...(queues.length > 1 ? queues.flatMap((each, i) => placesOf(['queues', i], each)) : placesOf(['queue'], queue)),
    [['service', 'cluster'], placeOfArn(service.cluster)],
    [['service', 'name'], placeOfArn(service.name)],
  ];
  return named.flatMap(([path, place]) => {
    const message = place && elsewhere(place, home);
    if (message === undefined) return [];
    return [{ path, message, hint: 'run a reconciler there, and store this policy there' }];
  });
}

const placesOf = (
  path: readonly (string | number)[],
  { arn, url }: NamedQueue,
): [path: (string | number)[], place: Place | undefined][] => [
  [[...path, 'arn'], placeOfArn(arn)],
  [[...path, 'url'], url === undefined ? undefined : placeOfQueueUrl(url)],
];

function elsewhere({ region, account }: Place, home: Place): string | undefined {
  if (region !== undefined && home.region !== undefined && region !== home.region)
    return `names Region ${region}; this reconciler works in ${home.region}`;
  if (account !== undefined && home.account !== undefined && account !== home.account)
    return `names account ${account}; this reconciler works in ${home.account}`;
  return undefined;
}

const ARN = /^arn:[\w-]+:[\w-]+:([\w-]*):(\d{12})?:./;

/** Returns the place that an ARN names; undefined for a text that is no ARN, such as a name. */
export function placeOfArn(text: string | undefined): Place | undefined {
  const [, region, account] = (text ?? '').match(ARN) ?? [];
  if (region === undefined) return undefined;
  return { ...(region ? { region } : {}), ...(account ? { account } : {}) };
}

/** Domains of AWS's partitions. A host elsewhere, such as an emulator's or a proxy's, says nothing about a Region. */
const AWS_DOMAINS =
  /\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws|api\.amazonwebservices\.(com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;
const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d+$/;

/**
 * Returns the place that a queue's URL names. Hosts with the Region: `sqs.REGION.amazonaws.com`, `sqs-fips.`, dual-stack
 * `sqs.REGION.api.aws`, VPC endpoints `vpce-ID.sqs.REGION.vpce.amazonaws.com`, and the legacy `REGION.queue.amazonaws.com`,
 * of which `queue.amazonaws.com` is us-east-1. Source: AWS General Reference, "Amazon SQS endpoints and quotas".
 */
export function placeOfQueueUrl(url: string): Place {
  if (!URL.canParse(url)) return {};
  const { hostname, pathname } = new URL(url);
  const account = pathname.match(/^\/(\d{12})\//)?.[1];
  const region = regionOfHost(hostname);
  return { ...(region ? { region } : {}), ...(account ? { account } : {}) };
}

function regionOfHost(host: string): string | undefined {
  if (!AWS_DOMAINS.test(host)) return undefined;
  if (host === 'queue.amazonaws.com') return 'us-east-1';
  return host.split('.').find((label) => REGION.test(label) && !label.startsWith('vpce-'));
}
