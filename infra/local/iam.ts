/**
 * Evaluates IAM policy statements: it finds those that match a request, and decides.
 *
 * Source: IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements reference". Policy variables
 * (`${aws:username}`) are not substituted.
 */
import { type ConditionBlock, conditionsHold, type RequestKeys } from './iam-condition.ts';
import { globMatches } from './iam-pattern.ts';
import type { Principal } from './service.ts';

/** `"*"`, or principals by kind; only `AWS` can match a caller here. */
export type PrincipalElement = '*' | Record<string, string[]>;

/** One statement. A member that may be a text or a list is always a list (see iam-parse.ts). */
export interface Statement {
  sid?: string;
  effect: 'Allow' | 'Deny';
  principal?: PrincipalElement;
  notPrincipal?: PrincipalElement;
  action?: string[];
  notAction?: string[];
  resource?: string[];
  notResource?: string[];
  condition?: ConditionBlock;
}

export interface AccessRequest {
  principal: Principal;
  /** e.g. `sqs:SendMessage`; compared without regard to case. */
  action: string;
  resourceArn: string;
  /** The value of `aws:CurrentTime` and `aws:EpochTime`, in milliseconds. */
  now: number;
  /** Further condition keys of the request, e.g. `ssm:Overwrite`. */
  keys?: RequestKeys;
}

export interface Evaluation {
  decision: 'allow' | 'deny' | 'implicit';
  /** The statement that decided. An implicit deny has none. */
  statement?: Statement;
}

/** Returns the condition keys of a request: those that every request has, and its own. */
export function requestKeys(request: AccessRequest): RequestKeys {
  return {
    'aws:CurrentTime': new Date(request.now).toISOString(),
    'aws:EpochTime': String(Math.floor(request.now / 1000)),
    'aws:PrincipalArn': request.principal.principalArn,
    'aws:PrincipalAccount': request.principal.accountId,
    'aws:PrincipalType': principalType(request.principal),
    'aws:SecureTransport': 'false',
    'aws:SourceIp': '127.0.0.1',
    ...request.keys,
  };
}

function principalType(principal: Principal): string {
  if (principal.arn.includes(':assumed-role/')) return 'AssumedRole';
  return principal.arn.endsWith(':root') ? 'Account' : 'User';
}

/**
 * Returns the account that a principal pattern stands for, in either spelling. An account stands for all its
 * principals.
 */
function accountOf(pattern: string): string | undefined {
  if (/^\d{12}$/.test(pattern)) return pattern;
  return /^arn:aws[\w-]*:iam::(\d{12}):root$/.exec(pattern)?.[1];
}

/** Returns whether an element names a principal. AWS allows no wildcard inside a principal ARN, only a lone `*`. */
function principalMatches(element: PrincipalElement, principal: Principal): boolean {
  if (element === '*') return true;
  return (element.AWS ?? []).some((pattern) => {
    if (pattern === '*') return true;
    if (accountOf(pattern) === principal.accountId) return true;
    return pattern === principal.arn || pattern === principal.principalArn;
  });
}

const anyGlob = (patterns: string[], value: string): boolean => patterns.some((pattern) => globMatches(pattern, value));
const anyGlobIgnoringCase = (patterns: string[], value: string): boolean =>
  patterns.some((pattern) => globMatches(pattern.toLowerCase(), value.toLowerCase()));

function matches(statement: Statement, request: AccessRequest, keys: RequestKeys): boolean {
  const { action, notAction, resource, notResource, principal, notPrincipal } = statement;
  if (principal && !principalMatches(principal, request.principal)) return false;
  if (notPrincipal && principalMatches(notPrincipal, request.principal)) return false;
  if (action && !anyGlobIgnoringCase(action, request.action)) return false;
  if (notAction && anyGlobIgnoringCase(notAction, request.action)) return false;
  if (resource && !anyGlob(resource, request.resourceArn)) return false;
  if (notResource && anyGlob(notResource, request.resourceArn)) return false;
  return statement.condition === undefined || conditionsHold(statement.condition, keys);
}

/**
 * Evaluates statements. An explicit Deny wins over any Allow; without either the decision is `implicit`, for the caller
 * to take.
 */
export function evaluate(statements: readonly Statement[], request: AccessRequest): Evaluation {
  const keys = requestKeys(request);
  let allowed: Statement | undefined;
  for (const statement of statements) {
    if (statement.effect === 'Allow' && allowed) continue;
    if (!matches(statement, request, keys)) continue;
    if (statement.effect === 'Deny') return { decision: 'deny', statement };
    allowed = statement;
  }
  return allowed ? { decision: 'allow', statement: allowed } : { decision: 'implicit' };
}
