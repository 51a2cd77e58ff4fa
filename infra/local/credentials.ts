/** Keeps the access keys of one run: the pair of the root user, and temporary keys for the roles of tasks. */
import { randomBytes } from 'node:crypto';
import type { Principal } from './service.ts';

export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface TemporaryCredentials extends AccessKey {
  sessionToken: string;
}

/** An access key with everything that the check of a signature needs. */
export interface KnownKey extends AccessKey {
  /** Set for temporary credentials: a request that uses them must carry it. */
  sessionToken?: string;
  principal: Principal;
}

const KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A bound on memory only; a run rarely starts as many tasks. */
const REMEMBERED_REVOCATIONS = 100_000;

/**
 * Returns a new identifier with one of IAM's prefixes: AKIA for a long-term key, ASIA for a temporary key, AROA for a
 * role.
 */
function uniqueId(prefix: 'AKIA' | 'ASIA' | 'AROA'): string {
  return prefix + Array.from(randomBytes(16), (byte) => KEY_ALPHABET[byte % 32]).join('');
}

const secret = (): string => randomBytes(30).toString('base64');

/**
 * Returns the unique id of a principal, which is SQS's SenderId and STS's UserId: the account for the root user, and
 * `ROLE:SESSION` for a role session. On AWS a unique id stands in place of the role's name.
 */
export function userIdOf(principal: Principal): string {
  const session = /:assumed-role\/([^/]+)\/(.+)$/.exec(principal.arn);
  return session ? `${session[1]}:${session[2]}` : principal.accountId;
}

export class CredentialStore {
  readonly accountId: string;
  readonly root: AccessKey;
  readonly #keys = new Map<string, KnownKey>();
  readonly #revoked = new Set<string>();

  constructor(accountId: string, root?: AccessKey) {
    this.accountId = accountId;
    this.root = root ?? { accessKeyId: uniqueId('AKIA'), secretAccessKey: secret() };
    const principal = { ...this.rootPrincipal(this.root.accessKeyId), verified: true };
    this.#keys.set(this.root.accessKeyId, { ...this.root, principal });
  }

  /**
   * Makes temporary credentials, as AssumeRole does. They are valid until `revoke`: a run is short, and an expiry would
   * only add a failure of tasks that has nothing to do with the run.
   */
  issue(role: { roleName: string; sessionName: string }): TemporaryCredentials {
    const pair = { accessKeyId: uniqueId('ASIA'), secretAccessKey: secret() };
    const sessionToken = randomBytes(96).toString('base64');
    const principal: Principal = {
      accountId: this.accountId,
      arn: `arn:aws:sts::${this.accountId}:assumed-role/${role.roleName}/${role.sessionName}`,
      principalArn: `arn:aws:iam::${this.accountId}:role/${role.roleName}`,
      accessKeyId: pair.accessKeyId,
      verified: true,
    };
    this.#keys.set(pair.accessKeyId, { ...pair, sessionToken, principal });
    return { ...pair, sessionToken };
  }

  /** Revokes a key and returns true; returns false for an unknown key and for the root key, which stays valid. */
  revoke(accessKeyId: string): boolean {
    if (accessKeyId === this.root.accessKeyId) return false;
    if (!this.#keys.delete(accessKeyId)) return false;
    this.#revoked.add(accessKeyId);
    if (this.#revoked.size > REMEMBERED_REVOCATIONS) this.#revoked.delete(this.#revoked.values().next().value ?? '');
    return true;
  }

  /**
   * Returns whether a key was revoked. An unknown key passes as root, so a stopped task would gain rights without this.
   */
  wasRevoked(accessKeyId: string): boolean {
    return this.#revoked.has(accessKeyId);
  }

  lookup(accessKeyId: string): KnownKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  /**
   * Returns the principal of a key. An unknown key, such as the dummy key of a plain client, stands for an unverified
   * root.
   */
  principal(accessKeyId: string): Principal {
    return this.lookup(accessKeyId)?.principal ?? this.rootPrincipal(accessKeyId);
  }

  rootPrincipal(accessKeyId: string): Principal {
    const arn = `arn:aws:iam::${this.accountId}:root`;
    return { accountId: this.accountId, arn, principalArn: arn, accessKeyId, verified: false };
  }
}
