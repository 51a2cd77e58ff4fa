/** Makes CloudWatch's errors. Each has its shape's name and the older code that clients of the query protocol match. */
import { AwsError } from '../service.ts';

export const invalidValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, { queryCode: 'InvalidParameterValue' });
export const invalidCombination = (message: string): AwsError =>
  new AwsError('InvalidParameterCombinationException', message, { queryCode: 'InvalidParameterCombination' });
export const missing = (name: string): AwsError =>
  new AwsError('MissingRequiredParameterException', `The parameter ${name} is required.`, {
    queryCode: 'MissingParameter',
  });
export const validation = (message: string): AwsError =>
  new AwsError('ValidationException', message, { queryCode: 'ValidationError' });
export const alarmNotFound = (name: string): AwsError =>
  new AwsError('ResourceNotFound', `Unable to find alarm ${name}`, { status: 404 });
export const invalidToken = (): AwsError => new AwsError('InvalidNextToken', 'The next token is not valid.');
