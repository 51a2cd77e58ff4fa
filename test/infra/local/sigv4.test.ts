import assert from 'node:assert/strict';
import { test } from 'uvu';
import { authenticate, requireVerified } from '../../../infra/local/authenticate.ts';
import { CredentialStore } from '../../../infra/local/credentials.ts';
import type { AwsError } from '../../../infra/local/service.ts';
import { expectedSignature, parseAmzDate, type SignedRequest, verify } from '../../../infra/local/sigv4.ts';

const DATE = '20260101T120000Z';
const NOW = parseAmzDate(DATE);

interface Signing {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

function signed(
  keys: Signing,
  change: (request: SignedRequest) => void = () => {},
  signedHeaders?: string[],
): SignedRequest {
  const scope = '20260101/us-east-1/sqs/aws4_request';
  const request: SignedRequest = {
    method: 'POST',
    target: '/a%20b/?x=1&a=%2F',
    headers: { host: '127.0.0.1:4566', 'x-amz-date': DATE, 'x-amz-target': 'AmazonSQS.ListQueues' },
    body: Buffer.from('{}'),
  };
  if (keys.sessionToken) request.headers['x-amz-security-token'] = keys.sessionToken;
  const names = signedHeaders ?? Object.keys(request.headers).sort();
  const signature = expectedSignature(request, { scope, signedHeaders: names }, DATE, keys.secretAccessKey);
  request.headers.authorization = `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  change(request);
  return request;
}

function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    return (error as AwsError).code;
  }
  return 'none';
}

test('the published example of AWS: get-vanilla of the SigV4 test suite', () => {
  const request: SignedRequest = {
    method: 'GET',
    target: '/',
    headers: { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' },
    body: Buffer.alloc(0),
  };
  const auth = { scope: '20150830/us-east-1/service/aws4_request', signedHeaders: ['host', 'x-amz-date'] };
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  assert.equal(
    expectedSignature(request, auth, '20150830T123600Z', secret),
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  );
});

test('a right signature makes its principal', () => {
  const store = new CredentialStore('000000000000');
  const root = authenticate(signed(store.root), store, NOW);
  assert.equal(root.arn, 'arn:aws:iam::000000000000:root');
  assert.equal(root.verified, true);
  const worker = authenticate(signed(store.issue({ roleName: 'r', sessionName: 's' })), store, NOW);
  assert.equal(worker.arn, 'arn:aws:sts::000000000000:assumed-role/r/s');
  assert.equal(worker.principalArn, 'arn:aws:iam::000000000000:role/r');
});

test('whatever is changed on the way breaks it', () => {
  const store = new CredentialStore('000000000000');
  const changes: ((request: SignedRequest) => void)[] = [
    (r) => {
      r.body = Buffer.from('{"a":1}');
    },
    (r) => {
      r.target = '/other';
    },
    (r) => {
      r.method = 'GET';
    },
    (r) => {
      r.headers['x-amz-target'] = 'AmazonSQS.DeleteQueue';
    },
    (r) => {
      r.headers['x-amz-date'] = '20260101T120001Z';
    },
    (r) => {
      delete r.headers['x-amz-date'];
    },
  ];
  for (const change of changes)
    assert.equal(
      codeOf(() => authenticate(signed(store.root, change), store, NOW)),
      'InvalidSignatureException',
    );
  assert.equal(
    codeOf(() => authenticate(signed(store.root, undefined, ['x-amz-date']), store, NOW)),
    'InvalidSignatureException',
  );
});

test('times too far off, in the words of AWS', () => {
  const store = new CredentialStore('000000000000');
  const request = signed(store.root);
  const auth = {
    accessKeyId: store.root.accessKeyId,
    scope: '20260101/us-east-1/sqs/aws4_request',
    signedHeaders: ['host', 'x-amz-date', 'x-amz-target'],
    signature: '0'.repeat(64),
  };
  const at = (minutes: number) => verify(request, auth, store.root.secretAccessKey, NOW + minutes * 60_000);
  assert.equal(
    at(16),
    'Signature expired: 20260101T120000Z is now earlier than 20260101T120100Z (20260101T121600Z - 15 min.)',
  );
  assert.match(at(-16) ?? '', /^Signature not yet current/);
  assert.match(at(14) ?? '', /^The request signature we calculated does not match/);
  assert.equal(authenticate(request, store, NOW + 14 * 60_000).verified, true);
});

test('unknown and missing keys are the unverified root; revoked ones are refused', () => {
  const store = new CredentialStore('000000000000');
  const unknown = authenticate(signed({ accessKeyId: 'dummy', secretAccessKey: 'x' }), store, NOW);
  assert.deepEqual([unknown.verified, unknown.arn], [false, 'arn:aws:iam::000000000000:root']);
  assert.equal(
    codeOf(() => requireVerified(unknown)),
    'UnrecognizedClientException',
  );
  const none = authenticate({ method: 'POST', target: '/', headers: {}, body: Buffer.alloc(0) }, store, NOW);
  assert.equal(
    codeOf(() => requireVerified(none)),
    'MissingAuthenticationTokenException',
  );
  const task = store.issue({ roleName: 'r', sessionName: 's' });
  const request = signed(task);
  assert.equal(
    codeOf(() => authenticate(request, store, NOW)),
    'none',
  );
  assert.equal(store.revoke(task.accessKeyId), true);
  assert.equal(
    codeOf(() => authenticate(request, store, NOW)),
    'ExpiredTokenException',
  );
  assert.equal(store.revoke(store.root.accessKeyId), false);
});

test.run();
