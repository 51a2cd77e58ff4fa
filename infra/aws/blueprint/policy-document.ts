/**
 * Makes an IAM policy document from a list of calls. One list makes the policy, its table in the docs, and its tests.
 */

/** Values by operator and key, as in IAM: `{ ArnEquals: { 'ecs:cluster': [...] } }`. */
export type Condition = Record<string, Record<string, string | string[]>>;

/** A grant of one AWS action, with everything that a reader of the policy may ask about it. */
export interface Permission {
  /** The IAM action, e.g. `ecs:UpdateService`; never a wildcard. */
  action: string;
  /** ARNs. A pattern stands for names that are not known beforehand, and `*` for an action without resources. */
  resources: string[];
  condition?: Condition;
  /** The Sid of its statement. Permissions of one Sid share resources and condition. */
  sid: string;
  /** The feature that makes the call. */
  feature: string;
  /** The source file that makes the call. */
  madeBy: string;
  /** The effect of its absence, and how that shows. */
  without: string;
}

export interface PolicyStatement {
  Sid: string;
  Effect: 'Allow';
  Action: string[];
  Resource: string[];
  Condition?: Condition;
}

export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: PolicyStatement[];
}

/**
 * Returns the smallest document that grants exactly these calls, with one statement for each Sid.
 * @throws Error when two permissions of one Sid differ in resources or condition, since merging them would widen one.
 */
export function policyDocument(permissions: readonly Permission[]): PolicyDocument {
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
  return { Version: '2012-10-17', Statement: [...statements.values()] };
}
