/** From a list of calls to an IAM policy document. One list makes the policy, its table in the docs, and its tests. */

/** Operator to key to values, as in IAM: `{ ArnEquals: { 'ecs:cluster': [...] } }`. */
export type Condition = Record<string, Record<string, string | string[]>>;

/** One AWS action that is granted, with everything that a reader of the policy may ask about it. */
export interface Permission {
  /** As IAM names it, e.g. `ecs:UpdateService`. Never with a wildcard. */
  action: string;
  /**
   * ARNs; patterns only where the name of the resource is not known beforehand. `*` only where IAM knows no resource.
   */
  resources: string[];
  condition?: Condition;
  /** The statement that it stands in; permissions of one Sid share resources and condition. */
  sid: string;
  /** The feature that makes the call. */
  feature: string;
  /** The source file that makes the call. */
  madeBy: string;
  /** What breaks without it, and how that shows. */
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
 * The smallest document that grants just these calls: one statement a Sid.
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
