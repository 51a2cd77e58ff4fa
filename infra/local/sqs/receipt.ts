/** Receipt handles: which message of which queue, and which of its receives. Opaque to clients. */
import { receiptHandleIsInvalid } from './errors.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const FORM = new RegExp(`^(${UUID})\\.(${UUID})\\.(${UUID})$`);

export const formatReceipt = (queueUid: string, id: string, nonce: string): string =>
  Buffer.from(`${queueUid}.${id}.${nonce}`).toString('base64');

/** @throws AwsError ReceiptHandleIsInvalid unless the handle was made by this queue */
export function parseReceipt(handle: string, queueUid: string): { id: string; nonce: string } {
  const parts = FORM.exec(Buffer.from(handle, 'base64').toString('latin1'));
  const [, uid, id, nonce] = parts ?? [];
  if (uid !== queueUid || !id || !nonce) throw receiptHandleIsInvalid(handle);
  return { id, nonce };
}
