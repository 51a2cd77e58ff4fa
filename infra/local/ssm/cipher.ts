/** Encrypts SecureString values in memory and in the state folder. A read without decryption shows no secret. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM, bound to the parameter's name as KMS binds its encryption context: values cannot be swapped. */
export class Cipher {
  /** Base64 of 32 bytes. */
  readonly key: string;

  constructor(key?: string) {
    this.key = key ?? randomBytes(32).toString('base64');
  }

  encrypt(value: string, name: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(this.key, 'base64'), nonce);
    cipher.setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Returns the clear text. @throws Error unless `encrypt` made the text with this key and name */
  decrypt(text: string, name: string): string {
    const data = Buffer.from(text, 'base64');
    const nonce = data.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(this.key, 'base64'), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(data.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const opened = [decipher.update(data.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(opened).toString('utf8');
  }
}
