/** From grants and refusals to IAM policy documents. One list makes the policy, its table in the docs, and its tests. */
import type { Condition, Permission, Refusal } from './permission.ts';

const VERSION = '2012-10-17';

export interface PolicyStatement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: string[];
  Condition?: Condition;
}

export interface PolicyDocument {
  Version: typeof VERSION;
  Statement: PolicyStatement[];
}

/**
 * Returns the document that grants just these calls: one statement a Sid, then the refusals.
 * @throws Error when two permissions of one Sid differ in resources or condition, since merging them would widen one.
 */
export function policyDocument(permissions: readonly Permission[], refusals: readonly Refusal[] = []): PolicyDocument {
  return documentOf([...grants(permissions), ...refusals.map(refusal)]);
}

export const documentOf = (Statement: PolicyStatement[]): PolicyDocument => ({ Version: VERSION, Statement });

function grants(permissions: readonly Permission[]): PolicyStatement[] {
  const statements = new Map<string, PolicyStatement>();
  for (const { sid, action, resources, condition } of permissions) {
    const statement: PolicyStatement = {
      Sid: sid,
      Effect: 'Allow',
      Action: [action],
      Resource: [...resources],
      ...(condition ? { Condition: condition } : {}),
    };
    const same = statements.get(sid);
    if (!same) {
      statements.set(sid, statement);
      continue;
    }
    if (JSON.stringify([same.Resource, same.Condition]) !== JSON.stringify([statement.Resource, statement.Condition]))
      throw new Error(`statement ${sid}: ${action} has other resources or conditions than ${same.Action.join(', ')}`);
    same.Action.push(action);
  }
  return [...statements.values()];
}

function refusal({ sid, action, condition }: Refusal): PolicyStatement {
  return { Sid: sid, Effect: 'Deny', Action: [action], Resource: ['*'], Condition: condition };
}
