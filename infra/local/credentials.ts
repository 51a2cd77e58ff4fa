/** The access keys of one run: the root user's pair, and temporary ones for the roles that tasks take on. */
import { randomBytes } from 'node:crypto';
import type { Principal } from './service.ts';

export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface TemporaryCredentials extends AccessKey {
  sessionToken: string;
}

/** An access key with all that the signature check needs to know of it. */
export interface KnownKey extends AccessKey {
  /** Set for temporary credentials: a request that uses them must carry it. */
  sessionToken?: string;
  principal: Principal;
}

const KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A bound on memory only; a run rarely starts as many tasks. */
const REMEMBERED_REVOCATIONS = 100_000;

/** IAM's unique-identifier prefixes: AKIA long-term key, ASIA temporary key, AROA role. */
function uniqueId(prefix: 'AKIA' | 'ASIA' | 'AROA'): string {
  return prefix + Array.from(randomBytes(16), (byte) => KEY_ALPHABET[byte % 32]).join('');
}

const secret = (): string => randomBytes(30).toString('base64');

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
   * Makes credentials as AssumeRole does. They hold until `revoke`: a run is short, and an expiry would only add a way
   * for tasks to fail that has nothing to do with what is being shown.
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

  /** True when the key was known. The root key cannot be revoked. */
  revoke(accessKeyId: string): boolean {
    if (accessKeyId === this.root.accessKeyId) return false;
    if (!this.#keys.delete(accessKeyId)) return false;
    this.#revoked.add(accessKeyId);
    if (this.#revoked.size > REMEMBERED_REVOCATIONS) this.#revoked.delete(this.#revoked.values().next().value ?? '');
    return true;
  }

  /** Remembered, because an unknown key passes as root: a stopped task must not gain rights by having been stopped. */
  wasRevoked(accessKeyId: string): boolean {
    return this.#revoked.has(accessKeyId);
  }

  lookup(accessKeyId: string): KnownKey | undefined {
    return this.#keys.get(accessKeyId);
  }

  /** The principal that a key stands for; unknown keys (dummy ones of plain clients) stand for an unverified root. */
  principal(accessKeyId: string): Principal {
    return this.lookup(accessKeyId)?.principal ?? this.rootPrincipal(accessKeyId);
  }

  rootPrincipal(accessKeyId: string): Principal {
    const arn = `arn:aws:iam::${this.accountId}:root`;
    return { accountId: this.accountId, arn, principalArn: arn, accessKeyId, verified: false };
  }
}
