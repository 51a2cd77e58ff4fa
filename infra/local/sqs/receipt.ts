/**
 * Makes and reads receipt handles. A handle names a queue, a message, and one receive of it; it is opaque to clients.
 */
import { receiptHandleIsInvalid } from './errors.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FORM = new RegExp(`^(${UUID})\\.(${UUID})\\.(${UUID})$`);

export const formatReceipt = (queueUid: string, id: string, nonce: string): string =>
  Buffer.from(`${queueUid}.${id}.${nonce}`).toString('base64');

/** Reads a receipt handle. @throws AwsError ReceiptHandleIsInvalid unless this queue made it */
export function parseReceipt(handle: string, queueUid: string): { id: string; nonce: string } {
  const parts = FORM.exec(Buffer.from(handle, 'base64').toString('latin1'));
  const [, uid, id, nonce] = parts ?? [];
  if (uid !== queueUid || !id || !nonce) throw receiptHandleIsInvalid(handle);
  return { id, nonce };
}
