import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Writer } from './writer.ts';

export const setFlag: Writer<'SetFlag'> = (aws, { parameter: Name, value: Value }, _policy, signal) =>
  aws.call(
    'ssm',
    'ssm:PutParameter',
    new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }),
    signal,
  );
