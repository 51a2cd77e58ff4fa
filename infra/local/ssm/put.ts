/** Reads and checks PutParameter. Source: SSM API Reference, PutParameter, and the limits of the service model. */
import { flag, text } from '../input.ts';
import type { Input } from '../service.ts';
import { constraint, missing, simple, validation } from './errors.ts';
import type { ParameterType, Tier } from './parameter.ts';

/** Bytes. */
const STANDARD_LIMIT = 4096;
const ADVANCED_LIMIT = 8192;
const MAX_DEPTH = 15;
/** The most characters of a name. */
const MAX_NAME = 1011;

const TYPES = ['String', 'StringList', 'SecureString'];
const TIERS = ['Standard', 'Advanced', 'Intelligent-Tiering'];

export interface Put {
  name: string;
  /** Not yet encrypted. */
  value: string;
  type: ParameterType | undefined;
  overwrite: boolean;
  tier: Tier | undefined;
  dataType: string | undefined;
  description: string | undefined;
  allowedPattern: string | undefined;
  keyId: string | undefined;
}

/** Refuses a name that SSM refuses. @throws AwsError ValidationException, HierarchyLevelLimitExceededException */
export function checkName(name: string): void {
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name) || name.endsWith('/') || name.includes('//'))
    throw validation(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  if (name.length > MAX_NAME) throw validation(`Parameter name must not be longer than ${MAX_NAME} characters.`);
  if (name.includes('/') && !name.startsWith('/')) throw validation('Parameter name must be a fully qualified name.');
  const parts = name.replace(/^\//, '').split('/');
  if (parts.length > MAX_DEPTH)
    throw simple(
      'HierarchyLevelLimitExceededException',
      `Parameter name must not have more than ${MAX_DEPTH} levels. You specified ${parts.length}.`,
    );
  if (/^\/?(?:aws|ssm)/i.test(name)) {
    if (/^\/aws(?:\/|$)/i.test(name))
      throw simple('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
    throw validation('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
}

function oneOf(input: Input, name: string, member: string, values: readonly string[]): string | undefined {
  const value = text(input, name);
  if (value !== undefined && !values.includes(value))
    throw constraint(value, member, `Member must satisfy enum value set: [${values.join(', ')}]`);
  return value;
}

/** Returns the tier of a new value. An advanced parameter never becomes standard again. */
function tierFor(asked: string | undefined, size: number, existing: Tier | undefined): Tier {
  if (asked === 'Intelligent-Tiering')
    return existing === 'Advanced' || size > STANDARD_LIMIT ? 'Advanced' : 'Standard';
  if (asked === 'Standard' && existing === 'Advanced')
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  return asked === 'Advanced' || existing === 'Advanced' ? 'Advanced' : 'Standard';
}

function checkSize(size: number, tier: Tier): void {
  if (tier === 'Standard' && size > STANDARD_LIMIT)
    throw validation(
      `Standard tier parameters support a maximum parameter value of ${STANDARD_LIMIT} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`,
    );
  if (size > ADVANCED_LIMIT)
    throw validation(`Advanced tier parameters support a maximum parameter value of ${ADVANCED_LIMIT} characters.`);
}

export function readPut(input: Input): Put {
  const name = text(input, 'Name');
  const value = text(input, 'Value');
  if (name === undefined) throw missing('name');
  if (value === undefined) throw missing('value');
  if (name === '') throw constraint(name, 'name', 'Member must have length greater than or equal to 1');
  checkName(name);
  if (value === '') throw constraint(value, 'value', 'Member must have length greater than or equal to 1');
  // SSM itself substitutes {{ssm:name}} in documents, so a value of that form would be ambiguous.
  if (/^\s*\{\{.*\}\}\s*$/s.test(value))
    throw validation('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  const description = text(input, 'Description');
  if (description !== undefined && description.length > 1024)
    throw constraint(description, 'description', 'Member must have length less than or equal to 1024');
  const dataType = text(input, 'DataType');
  if (dataType !== undefined && !['text', 'aws:ec2:image', 'aws:ssm:integration'].includes(dataType))
    throw validation(`The following data type is not supported: ${dataType} (Data type names are all lowercase)`);
  oneOf(input, 'Tier', 'tier', TIERS);
  return {
    name,
    value,
    type: oneOf(input, 'Type', 'type', TYPES) as ParameterType | undefined,
    overwrite: flag(input, 'Overwrite') ?? false,
    tier: undefined,
    dataType,
    description,
    allowedPattern: checkPattern(text(input, 'AllowedPattern'), value),
    keyId: text(input, 'KeyId'),
  };
}

function checkPattern(pattern: string | undefined, value: string): string | undefined {
  if (pattern === undefined || pattern === '') return undefined;
  if (pattern.length > 1024)
    throw constraint(pattern, 'allowedPattern', 'Member must have length less than or equal to 1024');
  let regex: RegExp;
  try {
    regex = new RegExp(pattern);
  } catch {
    throw simple('InvalidAllowedPatternException', `The regular expression ${pattern} is not valid.`);
  }
  if (!regex.test(value))
    throw simple(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
  return pattern;
}

/** Decides the tier and checks the value's size against it. */
export function settleTier(input: Input, value: string, existing: Tier | undefined): Tier {
  const size = Buffer.byteLength(value, 'utf8');
  const tier = tierFor(text(input, 'Tier'), size, existing);
  checkSize(size, tier);
  return tier;
}
