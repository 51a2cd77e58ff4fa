import { type Problem, parsePolicy } from '../../../policies/document/parse.ts';
import { serviceKey } from '../../../policies/document/service-key.ts';
import { UserError } from '../../text/user-error.ts';
import type { PolicyStore } from '../policy-store.ts';

/** A policy beside the one that is checked, by its text. */
export interface Other {
  name: string;
  text: string;
}

/** Returns the name of the other policy that names the same service, in whatever spelling. */
export function rivalOf(text: string, others: readonly Other[]): { rival: string; service: string } | undefined {
  const own = serviceIn(text);
  if (!own) return undefined;
  const found = others.find((other) => {
    const their = serviceIn(other.text);
    return their !== undefined && their.name !== own.name && their.service === own.service;
  });
  return found && { rival: found.name, service: own.service };
}

/** Throws UserError when storing the text would make it the second policy of a service that it does not name yet. */
export async function mustBeOnlyOne(store: PolicyStore, text: string, before: string | undefined): Promise<void> {
  if (before !== undefined && serviceIn(before)?.service === serviceIn(text)?.service) return;
  const { rival, service } = rivalOf(text, await store.all()) ?? {};
  if (rival === undefined) return;
  throw new UserError(
    `policy ${rival} scales the service ${service} already; nothing was stored`,
    `one policy owns a service: name another service, or change that policy: sluice policy edit ${rival}`,
  );
}

/** Returns the problem of a document whose service another policy names. */
export function rivalProblem(text: string, others: readonly Other[]): Problem[] {
  const { rival, service } = rivalOf(text, others) ?? {};
  if (rival === undefined) return [];
  const message = `policy ${rival} scales the service ${service} already`;
  return [{ line: 1, col: 1, path: 'spec.service', message, hint: 'one policy owns a service: name another one' }];
}

function serviceIn(text: string): { name: string; service: string } | undefined {
  const parsed = parsePolicy(text);
  return parsed.ok ? { name: parsed.policy.metadata.name, service: serviceKey(parsed.policy.spec.service) } : undefined;
}
