/** partition: workers lose the queue for a while, by one of several methods. A new method is a file here and one line. */
import { z } from 'zod';
import { schemasOf } from '../../../grammar/schemas.ts';
import { anyOf } from '../../fault.ts';
import { processingFlag } from './processing-flag.ts';
import { queuePolicy } from './queue-policy.ts';
import { securityGroup } from './security-group.ts';

const METHODS = [queuePolicy, securityGroup, processingFlag] as const;

export const partition = {
  schema: z
    .discriminatedUnion('method', schemasOf(METHODS))
    .meta({ description: 'Workers lose the queue for the duration.' }),
  ...anyOf(METHODS),
};
