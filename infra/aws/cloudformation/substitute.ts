/** From the blueprint's plain values to CloudFormation's. */

/** A value of a template: JSON, with intrinsic functions as objects such as `{ Ref: 'Image' }`. */
export type Value = string | number | boolean | Value[] | { [key: string]: Value };

export const ref = (Ref: string): Value => ({ Ref });
export const attribute = (resource: string, name: string): Value => ({ 'Fn::GetAtt': [resource, name] });
/** Returns a value that is there only when the condition holds. */
export const when = (condition: string, value: Value): Value => ({ 'Fn::If': [condition, value, ref('AWS::NoValue')] });

/** Returns the value with each text that holds `${...}` as one that CloudFormation fills in. */
export function substitute(value: unknown): Value {
  if (typeof value === 'string') return value.includes('${') ? { 'Fn::Sub': value } : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(substitute);
  if (typeof value !== 'object' || value === null) throw new TypeError(`a template holds no ${typeof value}`);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, substitute(member)]])),
  );
}

/** Members whose keys are names of somebody else's, such as options of a log driver. */
const NAMES = new Set(['options']);

/** Returns the value with the keys of the ECS API as CloudFormation spells them: `logDriver` is `LogDriver`. */
export function capitalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capitalized);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key[0]!.toUpperCase() + key.slice(1),
      NAMES.has(key) ? member : capitalized(member),
    ]),
  );
}
