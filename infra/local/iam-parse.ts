/** Parses the JSON of a policy into statements, and refuses what IAM would refuse. */

import type { PrincipalElement, Statement } from './iam.ts';
import type { ConditionBlock } from './iam-condition.ts';
import { isConditionOperator } from './iam-condition.ts';
import { isObject } from './input.ts';

/** The kind of a policy. A resource policy must name principals; an identity policy must not. */
export type PolicyKind = 'resource' | 'identity';

export class PolicyError extends Error {}

const ELEMENTS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);

function list(value: unknown, what: string): string[] {
  const items = Array.isArray(value) ? value : [value];
  if (items.length === 0 || items.some((item) => typeof item !== 'string' || item === ''))
    throw new PolicyError(`${what} must be a string or a list of strings.`);
  return items as string[];
}

const VALID_AWS_PRINCIPAL = /^(?:\*|\d{12}|arn:aws[\w-]*:(?:iam|sts)::\d{12}:[^*?]+|A[A-Z0-9]{15,})$/;

function principal(value: unknown, what: string): PrincipalElement {
  if (value === '*') return '*';
  if (!isObject(value) || Object.keys(value).length === 0)
    throw new PolicyError(`${what} must be "*" or an object such as {"AWS": "..."}.`);
  const kinds = Object.entries(value).map(([kind, names]): [string, string[]] => {
    if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(kind))
      throw new PolicyError(`${what} has the unknown kind "${kind}".`);
    const all = list(names, `${what}.${kind}`);
    const wrong = kind === 'AWS' ? all.find((name) => !VALID_AWS_PRINCIPAL.test(name)) : undefined;
    if (wrong !== undefined) throw new PolicyError(`${what}.AWS holds "${wrong}", which is no principal.`);
    return [kind, all];
  });
  return Object.fromEntries(kinds);
}

function condition(value: unknown): ConditionBlock {
  if (!isObject(value)) throw new PolicyError('Condition must be an object.');
  const block: ConditionBlock = {};
  for (const [operator, keys] of Object.entries(value)) {
    if (!isConditionOperator(operator)) throw new PolicyError(`Condition operator "${operator}" is unknown.`);
    if (!isObject(keys)) throw new PolicyError(`Condition.${operator} must be an object.`);
    block[operator] = Object.fromEntries(
      Object.entries(keys).map(([key, wanted]) => {
        // Booleans and numbers may stand without quotes.
        const values = [wanted].flat().map((each) => {
          if (typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean') return String(each);
          throw new PolicyError(`Condition.${operator}.${key} must hold strings.`);
        });
        return [key, values];
      }),
    );
  }
  return block;
}

/**
 * Tells which of an element and its negation a statement has.
 * @throws PolicyError if it has both, or lacks a required one
 */
function oneOf(raw: Record<string, unknown>, name: string, required: boolean): 'plain' | 'not' | undefined {
  const plain = raw[name] !== undefined;
  const not = raw[`Not${name}`] !== undefined;
  if (plain && not) throw new PolicyError(`A statement has both ${name} and Not${name}.`);
  if (required && !plain && !not) throw new PolicyError(`A statement lacks ${name}.`);
  return plain ? 'plain' : not ? 'not' : undefined;
}

function statement(raw: unknown, kind: PolicyKind): Statement {
  if (!isObject(raw)) throw new PolicyError('Each statement must be an object.');
  const extra = Object.keys(raw).find((name) => !ELEMENTS.has(name));
  if (extra !== undefined) throw new PolicyError(`A statement has the unknown element "${extra}".`);
  if (raw.Effect !== 'Allow' && raw.Effect !== 'Deny') throw new PolicyError('Effect must be "Allow" or "Deny".');
  const result: Statement = { effect: raw.Effect };
  if (raw.Sid !== undefined) {
    if (typeof raw.Sid !== 'string') throw new PolicyError('Sid must be a string.');
    result.sid = raw.Sid;
  }
  const who = oneOf(raw, 'Principal', kind === 'resource');
  if (who && kind === 'identity') throw new PolicyError('An identity policy must not have Principal.');
  if (who === 'plain') result.principal = principal(raw.Principal, 'Principal');
  if (who === 'not') result.notPrincipal = principal(raw.NotPrincipal, 'NotPrincipal');
  const action = oneOf(raw, 'Action', true);
  if (action === 'plain') result.action = list(raw.Action, 'Action');
  if (action === 'not') result.notAction = list(raw.NotAction, 'NotAction');
  const badAction = [...(result.action ?? []), ...(result.notAction ?? [])].find(
    (name) => name !== '*' && !/^[\w-]+:[\w*?]+$/.test(name),
  );
  if (badAction !== undefined) throw new PolicyError(`"${badAction}" is no action.`);
  const resource = oneOf(raw, 'Resource', kind === 'identity');
  if (resource === 'plain') result.resource = list(raw.Resource, 'Resource');
  if (resource === 'not') result.notResource = list(raw.NotResource, 'NotResource');
  if (raw.Condition !== undefined) result.condition = condition(raw.Condition);
  return result;
}

/** Returns the statements of a policy. @throws PolicyError that names the first mistake */
export function parsePolicy(text: string, kind: PolicyKind): Statement[] {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new PolicyError('The policy is not valid JSON.');
  }
  if (!isObject(raw)) throw new PolicyError('The policy must be a JSON object.');
  const extra = Object.keys(raw).find((name) => !['Version', 'Id', 'Statement'].includes(name));
  if (extra !== undefined) throw new PolicyError(`The policy has the unknown element "${extra}".`);
  if (raw.Version !== undefined && raw.Version !== '2012-10-17' && raw.Version !== '2008-10-17')
    throw new PolicyError('Version must be "2012-10-17" or "2008-10-17".');
  if (raw.Statement === undefined) throw new PolicyError('The policy lacks Statement.');
  const statements = (Array.isArray(raw.Statement) ? raw.Statement : [raw.Statement]).map((each) =>
    statement(each, kind),
  );
  const sids = statements.flatMap((each) => (each.sid ? [each.sid] : []));
  if (new Set(sids).size !== sids.length) throw new PolicyError('Two statements have the same Sid.');
  return statements;
}
