/**
 * Finds the principal of a request.
 *
 * A client with an invented key, or without a key, becomes an unverified root user: it may make the calls that cannot harm
 * the machine. A client that names a key of this run must prove it with its signature; otherwise a task could drop its
 * role by signing badly.
 */
import type { CredentialStore } from './credentials.ts';
import { AwsError, type Principal } from './service.ts';
import { parseAuthorization, type SignedRequest, verify } from './sigv4.ts';

const refuse = (code: string, queryCode: string, message: string): AwsError =>
  new AwsError(code, message, { queryCode });

/**
 * Returns the principal that a request proves to be, or an unverified root user.
 * @param now wall-clock milliseconds
 * @throws AwsError when a known key's signature, token or time is wrong, or the key was revoked
 */
export function authenticate(request: SignedRequest, credentials: CredentialStore, now: number): Principal {
  const auth = parseAuthorization(request.headers.authorization);
  if (!auth) return credentials.rootPrincipal('');
  if (credentials.wasRevoked(auth.accessKeyId))
    throw refuse('ExpiredTokenException', 'ExpiredToken', 'The security token included in the request is expired');
  const key = credentials.lookup(auth.accessKeyId);
  if (!key) return credentials.rootPrincipal(auth.accessKeyId);
  const problem = verify(request, auth, key.secretAccessKey, now);
  if (problem) throw refuse('InvalidSignatureException', 'SignatureDoesNotMatch', problem);
  if (key.sessionToken !== undefined && request.headers['x-amz-security-token'] !== key.sessionToken)
    throw refuse('UnrecognizedClientException', 'InvalidClientTokenId', INVALID_TOKEN);
  return key.principal;
}

const INVALID_TOKEN = 'The security token included in the request is invalid.';

/** Refuses a principal whose signature was not checked. @throws AwsError */
export function requireVerified(principal: Principal): void {
  if (principal.verified) return;
  if (principal.accessKeyId === '')
    throw refuse('MissingAuthenticationTokenException', 'MissingAuthenticationToken', 'Missing Authentication Token');
  throw refuse('UnrecognizedClientException', 'InvalidClientTokenId', INVALID_TOKEN);
}
