/** One grant, and one refusal, of an IAM policy: each with everything that a reader of the policy may ask about it. */

/** Operator to key to values, as in IAM: `{ ArnEquals: { 'ecs:cluster': [...] } }`. */
export type Condition = Record<string, Record<string, string | string[]>>;

/** One AWS action that is granted. */
export interface Permission {
  /** As IAM names it, e.g. `ecs:UpdateService`. Never with a wildcard. */
  action: string;
  /** ARNs; patterns only where the resource's name is not known beforehand. `*` only where IAM offers nothing narrower. */
  resources: string[];
  condition?: Condition;
  /** The statement that the grant stands in. Grants of one Sid share resources and condition. */
  sid: string;
  /** The feature that makes the call. */
  feature: string;
  /** The source file that makes the call. */
  madeBy: string;
  /** The consequence of a missing grant, and how it shows. */
  without: string;
  /** Why the grant reaches further than the call needs; absent for a grant that is as narrow as the call. */
  wide?: string;
}

/** One thing that a granted action may not do all the same. */
export interface Refusal {
  sid: string;
  action: string;
  condition: Condition;
  /** The part of the call that is refused, in words. */
  what: string;
}
